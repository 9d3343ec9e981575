import type { IncomingMessage } from 'node:http';
import type { Principal, RegistryAction } from '../../domain/registry/principal';
import type { Route, Target } from '../http/route';
import type { VerifiedToken } from './access-tokens';
import type { Caller } from './caller';
import { accessOf, formatChallenge, realmOf } from './challenge';
import { readAuthorization } from './credentials';
import type { Identity } from './identity';
import { identityPartsOf, type IdentityDependencies } from './identity-parts';

export interface Authenticator {
  /**
   * Who asks, by their `Authorization` header; anonymous when there is none. The routes `token`, `health`, `metrics` and
   * `notifications` have keys of their own or need none: whoever asks there is anonymous here.
   *
   * @throws Refused UNAUTHORIZED with a challenge, TOOMANYREQUESTS, UNAVAILABLE when robots are not known
   */
  authenticate(request: IncomingMessage, target: Target): Promise<Principal>;
  /** Value of `WWW-Authenticate`. `authorise`, `authoriseBase` and `authoriseCatalog` put it into their refusals by themselves. */
  challenge(
    request: IncomingMessage,
    repository?: string,
    actions?: readonly RegistryAction[],
  ): string;
  /** Writes down the last uses of robots. */
  close(): Promise<void>;
}

const OTHER_DOORS: readonly Route['kind'][] = ['token', 'health', 'metrics', 'notifications'];

type Shape = Pick<Caller, 'shown' | 'realm'>;

function callerOf({ name, kind, scopes }: Identity, shape: Shape, token?: VerifiedToken): Caller {
  return {
    name,
    kind,
    scopes: token?.scopes ?? scopes,
    grantable: scopes,
    mayList: token?.mayList ?? true,
    ...shape,
  };
}

export function createAuthenticator(deps: IdentityDependencies): Authenticator {
  const { publicUrl } = deps;
  const { anonymous, logins, tokens, uses } = identityPartsOf(deps);

  /** Null when it is no token of ours that may still be used. */
  async function readToken(token: string, realm: string): Promise<Caller | null> {
    const verified = await tokens.verify(token);
    if (!verified) return null;
    const identity = logins.recall(verified.via, verified.name, verified.revision);
    return identity && callerOf(identity, { shown: 'bearer', realm }, verified);
  }

  return {
    authenticate: async (request, target) => {
      if (OTHER_DOORS.includes(target.route.kind)) return anonymous.identity;
      const realm = realmOf(request, publicUrl);
      const credential = readAuthorization(request);
      if (!credential) return callerOf(anonymous.identity, { shown: 'nothing', realm });
      const isBearer = credential.kind === 'bearer';
      const caller = isBearer ? await readToken(credential.token, realm) : null;
      if (caller) return caller;
      const { identity } = await logins.login({
        credential,
        remoteAddress: request.socket.remoteAddress ?? '',
        challenge: formatChallenge(
          realm,
          accessOf(target, request.method),
          isBearer ? 'invalid_token' : undefined,
        ),
      });
      return callerOf(identity, { shown: isBearer ? 'bearer' : 'basic', realm });
    },
    challenge: (request, repository, actions) =>
      formatChallenge(
        realmOf(request, publicUrl),
        repository === undefined || actions === undefined
          ? undefined
          : { kind: 'repository', name: repository, actions },
      ),
    close: () => uses.close(),
  };
}
