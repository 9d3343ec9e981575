import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { ERRORS, ReleaseError } from '../../contract/errors';
import { ROLES } from '../../domain/actor';
import { loadIssuerSecret, loadSigningKey, SIGNING_ALGORITHM, type SigningKey } from './keys';
import { loadPeople, rolesOf } from './people';

export interface IssuerOptions {
  /** Where key, secret and people are kept between starts. */
  readonly stateDir: string;
  /** The `iss` of the tokens and the base of its addresses, without a slash at the end. */
  readonly issuer: string;
  /** The `aud` of the tokens. */
  readonly audience: string;
  readonly logger?: FastifyBaseLogger;
}

const MAX_TTL_S = 12 * 3600;
const DEFAULT_TTL_S = 8 * 3600;

const TokenRequest = z.strictObject({
  subject: z.string().min(1).max(200),
  roles: z.array(z.enum(ROLES)).max(ROLES.length).optional(),
  ttlSeconds: z.int().min(1).max(MAX_TTL_S).default(DEFAULT_TTL_S),
});
type TokenRequest = z.infer<typeof TokenRequest>;

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

function assertSecret(authorization: string | undefined, secret: string): void {
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  // Hashes have one length, so the comparison takes the same time for every guess.
  if (!timingSafeEqual(sha256(given), sha256(secret))) {
    throw new ReleaseError('UNAUTHENTICATED', "The issuer's secret is missing or wrong", {
      details: { remedy: 'log in on the machine of the local stack: plura login --local' },
    });
  }
}

function parseRequest(body: unknown): TokenRequest {
  const request = TokenRequest.safeParse(body);
  if (request.success) {
    return request.data;
  }
  const [issue] = request.error.issues;
  throw new ReleaseError('INVALID_INPUT', `Invalid token request: ${issue?.message ?? ''}`, {
    details: {
      field: issue?.path.join('.') ?? '',
      remedy: `send {"subject", "roles"?, "ttlSeconds"? up to ${MAX_TTL_S}}`,
    },
  });
}

async function sign(
  key: SigningKey,
  options: IssuerOptions,
  { subject, ttlSeconds }: TokenRequest,
  roles: readonly string[],
): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000);
  return new SignJWT({ roles: [...roles] })
    .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: 'JWT', kid: key.kid })
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .setSubject(subject)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ttlSeconds)
    .sign(key.privateKey);
}

function sendProblem(error: unknown, reply: FastifyReply): FastifyReply {
  const known =
    error instanceof ReleaseError ? error : new ReleaseError(codeOf(error), 'The request failed');
  const { status, label } = ERRORS[known.code];
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: `urn:plura-reg:error:${known.code}`,
      title: label,
      status,
      code: known.code,
      detail: known.message,
      ...known.details,
    });
}

/** Fastify marks what the caller did wrong (no JSON, too long a body) with a 4xx status. */
function codeOf(error: unknown): 'INVALID_INPUT' | 'INTERNAL' {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500 ? 'INVALID_INPUT' : 'INTERNAL';
}

/**
 * A token issuer for one machine: OpenID Connect discovery, JWKS, and tokens for the people in
 * `people.json` to whoever can read the secret file. Not for production.
 */
export async function createIssuer(options: IssuerOptions): Promise<FastifyInstance> {
  const key = await loadSigningKey(options.stateDir);
  const secret = await loadIssuerSecret(options.stateDir);
  await loadPeople(options.stateDir);
  const app = fastify({
    bodyLimit: 4096,
    requestTimeout: 5000,
    ...(options.logger ? { loggerInstance: options.logger } : {}),
  });
  app.setErrorHandler((error, _request, reply) => {
    app.log.warn({ err: error }, 'token request refused');
    return sendProblem(error, reply);
  });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store');
    done();
  });
  app.get('/.well-known/openid-configuration', () => ({
    issuer: options.issuer,
    jwks_uri: `${options.issuer}/jwks`,
    token_endpoint: `${options.issuer}/token`,
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [SIGNING_ALGORITHM],
  }));
  app.get('/jwks', () => ({ keys: [key.publicJwk] }));
  app.get('/healthz', () => ({ status: 'ok' }));
  app.post('/token', async (request) => {
    assertSecret(request.headers.authorization, secret);
    const wanted = parseRequest(request.body);
    const roles = rolesOf(await loadPeople(options.stateDir), wanted.subject, wanted.roles);
    return {
      access_token: await sign(key, options, wanted, roles),
      token_type: 'Bearer',
      expires_in: wanted.ttlSeconds,
    };
  });
  return app;
}
