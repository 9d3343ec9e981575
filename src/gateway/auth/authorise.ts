import { mayDo, type Principal, type RegistryAction } from '../../domain/registry/principal';
import { refused, type Refused } from '../http/refused';
import { isCaller } from './caller';
import { actionsToAsk, formatChallenge, TOKEN_PATH, type Access } from './challenge';

/**
 * @throws Refused 401 with a challenge when logging in, or a token that holds more, would help; else 403 by rule `scope`
 */
export function authorise(principal: Principal, repository: string, action: RegistryAction): void {
  if (mayDo(principal, repository, action)) return;
  const mayAskForMore = couldHold(principal, repository, action);
  if (principal.kind === 'anonymous' || mayAskForMore) {
    throw unauthorised(
      principal,
      { kind: 'repository', name: repository, actions: actionsToAsk(action) },
      `${action} on ${repository} needs ${mayAskForMore ? 'a token that holds it' : 'a login'}`,
    );
  }
  throw refused({
    code: 'DENIED',
    rule: 'scope',
    message: `${principal.name} may not ${action} ${repository}`,
    remedy: `use a robot with the scope ${repository}:${action}: plura reg robots create --scope`,
  });
}

/** Its token was asked for less than it could hold. */
function couldHold(principal: Principal, repository: string, action: RegistryAction): boolean {
  return (
    isCaller(principal) &&
    principal.shown === 'bearer' &&
    mayDo({ scopes: principal.grantable }, repository, action)
  );
}

/**
 * Whether a blob may be mounted from there into `repository`.
 *
 * @throws Refused 401 with a challenge for both repositories when a token that holds more would help, as distribution does
 */
export function mayMount(principal: Principal, repository: string, from: string): boolean {
  if (mayDo(principal, from, 'pull')) return true;
  if (!couldHold(principal, from, 'pull')) return false;
  const actions = actionsToAsk('push');
  throw unauthorised(
    principal,
    { kind: 'repository', name: repository, actions, mountFrom: from },
    `A mount from ${from} needs a token that holds it`,
  );
}

/**
 * `GET /v2/`: the answer from which clients learn how to log in, so it is 401 for who shows nothing, even where some may be
 * pulled by anyone.
 *
 * @throws Refused
 */
export function authoriseBase(principal: Principal): void {
  const hasShown = isCaller(principal) ? principal.shown !== 'nothing' : false;
  if (principal.kind !== 'anonymous' || hasShown) return;
  throw unauthorised(principal, undefined, 'The registry asks who you are');
}

/** `GET /v2/_catalog`: for anyone known, whose token was asked for it. What is listed is the handler's to say. @throws Refused */
export function authoriseCatalog(principal: Principal): void {
  const isNobody = principal.kind === 'anonymous' && principal.scopes.length === 0;
  const lacksScope = isCaller(principal) && !principal.mayList;
  if (!isNobody && !lacksScope) return;
  throw unauthorised(principal, { kind: 'catalog' }, 'Listing repositories needs a login');
}

function unauthorised(principal: Principal, access: Access | undefined, message: string): Refused {
  const caller = isCaller(principal) ? principal : null;
  const error = caller?.shown === 'bearer' ? 'insufficient_scope' : undefined;
  const challenge = formatChallenge(caller?.realm ?? TOKEN_PATH, access, error);
  return refused(
    {
      code: 'UNAUTHORIZED',
      rule: 'login-required',
      message,
      remedy: 'docker login with the name and secret of a robot (plura reg robots)',
    },
    { 'www-authenticate': challenge },
  );
}
