import type { IncomingMessage } from 'node:http';
import type { RegistryAction } from '../../domain/registry/principal';
import { TOKEN_SERVICE } from '../../contract/schema/registry-token';
import { refused } from '../http/refused';
import { isRepositoryName } from '../../domain/registry/repository-class';
import type { Route, Target } from '../http/route';

/** What a token has to hold for the request to pass; absent: any token will do. */
export type Access =
  | {
      readonly kind: 'repository';
      readonly name: string;
      readonly actions: readonly RegistryAction[];
      /** Repository that a blob is mounted from: it has to be readable. */
      readonly mountFrom?: string;
    }
  | { readonly kind: 'catalog' };

export type ChallengeError = 'invalid_token' | 'insufficient_scope';

const HOST =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
export const TOKEN_PATH = '/token';

/**
 * Where the client gets tokens: below the public URL, else at the host it called us by. Such a client speaks plain HTTP to us:
 * behind something that ends TLS, the public URL has to be set.
 *
 * @throws Refused when neither is there
 */
export function realmOf(request: IncomingMessage, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return new URL(TOKEN_PATH, publicUrl).href;
  const { host = '' } = request.headers;
  if (HOST.test(host)) return `http://${host}${TOKEN_PATH}`;
  throw refused({
    code: 'UNSUPPORTED',
    status: 400,
    rule: 'host-header',
    message: 'The Host header names no host',
    remedy: 'send the host and port that the registry is called by',
  });
}

function scopeOf(access: Access): string {
  if (access.kind === 'catalog') return 'registry:catalog:*';
  const own = `repository:${access.name}:${access.actions.join(',')}`;
  return access.mountFrom === undefined ? own : `${own} repository:${access.mountFrom}:pull`;
}

/** Value of `WWW-Authenticate` (distribution, "Token Authentication Specification"; RFC 6750, 3). */
export function formatChallenge(realm: string, access?: Access, error?: ChallengeError): string {
  const parameters = [
    `realm="${realm}"`,
    `service="${TOKEN_SERVICE}"`,
    ...(access ? [`scope="${scopeOf(access)}"`] : []),
    ...(error ? [`error="${error}"`] : []),
  ];
  return `Bearer ${parameters.join(',')}`;
}

/** Who may push asks to pull as well: clients look whether a blob is there before they send it. */
export function actionsToAsk(action: RegistryAction): readonly RegistryAction[] {
  return action === 'push' ? ['pull', 'push'] : [action];
}

/** What a request needs by its method; for who failed to say who they are. */
export function accessOf(
  { route, query }: Pick<Target, 'route' | 'query'>,
  method: string | undefined,
): Access | undefined {
  if (route.kind === 'catalog') return { kind: 'catalog' };
  if (!('repository' in route)) return undefined;
  const from = route.kind === 'uploads' && query.has('mount') ? query.get('from') : null;
  return {
    kind: 'repository',
    name: route.repository,
    actions: actionsToAsk(actionOf(route.kind, method)),
    ...(from !== null && isRepositoryName(from) && { mountFrom: from }),
  };
}

function actionOf(kind: Route['kind'], method: string | undefined): RegistryAction {
  if (kind === 'uploads' || kind === 'upload') return 'push';
  if (method === 'GET' || method === 'HEAD') return 'pull';
  return method === 'DELETE' ? 'delete' : 'push';
}
