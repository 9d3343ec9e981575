import type { IncomingMessage } from 'node:http';
import { TOKEN_SERVICE } from '../../contract/schema/registry-token';
import { grantAccess, type AskedScope, type TokenAccess } from '../../domain/registry/token-scope';
import type { Handler } from '../exchange';
import { sendJson } from '../http/answer';
import { refused } from '../http/refused';
import type { Identity } from './identity';
import { identityPartsOf, type IdentityDependencies, type IdentityParts } from './identity-parts';
import { readTokenForm, readTokenQuery, type TokenRequest } from './token-request';

const CHALLENGE = `Basic realm="${TOKEN_SERVICE}"`;

async function readRequest(
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<TokenRequest> {
  if (request.method === 'GET') return readTokenQuery(request, query);
  if (request.method === 'POST') return readTokenForm(request);
  throw refused(
    {
      code: 'UNSUPPORTED',
      rule: 'token-method',
      message: 'Tokens are given to GET and POST',
      remedy: 'use one of them',
    },
    { allow: 'GET, POST' },
  );
}

/** A token that opens nothing would only make the client fail later, and say less about why. */
function requireSomething(
  { kind, scopes }: Identity,
  asked: readonly AskedScope[],
  granted: readonly TokenAccess[],
): void {
  const opensNothing = granted.length === 0 && (asked.length > 0 || scopes.length === 0);
  if (kind !== 'anonymous' || !opensNothing) return;
  throw refused(
    {
      code: 'UNAUTHORIZED',
      rule: 'login-required',
      message: 'This needs a login',
      remedy: 'docker login with the name and secret of a robot (plura reg robots)',
    },
    { 'www-authenticate': CHALLENGE },
  );
}

async function logIn(
  { anonymous, logins }: IdentityParts,
  request: IncomingMessage,
  credential: TokenRequest['credential'],
): Promise<{ readonly identity: Identity; readonly via: string }> {
  if (!credential) return { identity: anonymous.identity, via: anonymous.id };
  const { identity, source } = await logins.login({
    credential,
    remoteAddress: request.socket.remoteAddress ?? '',
    challenge: CHALLENGE,
  });
  return { identity, via: source.id };
}

function scopeText(granted: readonly TokenAccess[]): string {
  return granted.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`).join(' ');
}

/** The token endpoint (distribution, "Token Authentication Specification" and "Oauth2 Token Authentication"). */
export function createTokenHandler(deps: IdentityDependencies): Handler<'token'> {
  const parts = identityPartsOf(deps);
  return async ({ request, response, query }) => {
    const { credential, asked } = await readRequest(request, query);
    const { identity, via } = await logIn(parts, request, credential);
    const granted = grantAccess(asked, identity.scopes);
    requireSomething(identity, asked, granted);
    const minted = await parts.tokens.mint(identity, via, granted);
    if (!minted) {
      throw refused({
        code: 'UNSUPPORTED',
        status: 400,
        rule: 'token-size',
        message: 'A token for all these scopes would be too long for a header',
        remedy: 'ask for fewer scopes at once',
      });
    }
    response.setHeader('cache-control', 'no-store');
    sendJson(response, 200, {
      token: minted.token,
      access_token: minted.token,
      expires_in: minted.expiresInS,
      issued_at: minted.issuedAt.toISOString(),
      ...(request.method === 'POST' && { scope: scopeText(granted) }),
    });
  };
}
