import type { IncomingMessage } from 'node:http';
import { TOKEN_SERVICE } from '../../contract/schema/registry-token';
import { parseAskedScopes, type AskedScope } from '../../domain/registry/token-scope';
import { refused, type Refused } from '../http/refused';
import { readAuthorization } from './credentials';
import type { Credential } from './identity';

export interface TokenRequest {
  /** Null: a token for who shows nothing. */
  readonly credential: Credential | null;
  readonly asked: readonly AskedScope[];
}

const MAX_FORM_BYTES = 64 * 1024;
/** Anyone may send one: a byte now and then holds no connection. */
const FORM_TIMEOUT_MS = 10_000;

function malformed(rule: string, message: string, remedy: string): Refused {
  return refused({ code: 'UNSUPPORTED', status: 400, rule, message, remedy });
}

function readCommon(parameters: URLSearchParams): readonly AskedScope[] {
  const service = parameters.get('service');
  if (service !== null && service !== TOKEN_SERVICE) {
    throw malformed('token-service', 'Tokens for another service', `service=${TOKEN_SERVICE}`);
  }
  try {
    return parseAskedScopes(parameters.getAll('scope'));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw malformed('token-scope', error.message, 'e.g. repository:apps/checkout/checkout:pull');
  }
}

/** GET, as "Token Authentication Specification" has it: `account`, `client_id` and `offline_token` change nothing. */
export function readTokenQuery(request: IncomingMessage, query: URLSearchParams): TokenRequest {
  return { credential: readAuthorization(request), asked: readCommon(query) };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers['content-type'] ?? '';
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    throw malformed('token-form', 'Not a form', 'send application/x-www-form-urlencoded');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open when it is too long: the client is to read why.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const deadline = setTimeout(() => request.destroy(), FORM_TIMEOUT_MS);
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > MAX_FORM_BYTES) {
        throw refused({
          code: 'SIZE_INVALID',
          rule: 'token-form-size',
          message: `A token request has at most ${MAX_FORM_BYTES} bytes`,
          remedy: 'ask for fewer scopes',
        });
      }
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(deadline);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function readGrant(form: URLSearchParams): Credential {
  const grant = form.get('grant_type');
  if (grant === 'password') {
    return {
      kind: 'password',
      name: form.get('username') ?? '',
      secret: form.get('password') ?? '',
    };
  }
  if (grant === 'refresh_token') {
    return { kind: 'secret', secret: form.get('refresh_token') ?? '' };
  }
  throw malformed('token-grant', 'Not a grant that is taken here', 'password or refresh_token');
}

/**
 * POST, as "Oauth2 Token Authentication" has it. We give no refresh tokens: a robot's secret is taken for one, which is
 * what clients send that keep a secret without a name.
 */
export async function readTokenForm(request: IncomingMessage): Promise<TokenRequest> {
  const form = await readForm(request);
  return { credential: readGrant(form), asked: readCommon(form) };
}
