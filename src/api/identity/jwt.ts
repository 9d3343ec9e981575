import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { ReleaseError } from '../../contract/errors';
import { ROLES, type Actor, type Role } from '../../domain/actor';
import type { VerifyToken } from './verify-token';

interface JwtVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer's public keys are, or the keys themselves. */
  readonly keys: URL | JWTVerifyGetKey;
  readonly now: () => Date;
}

/** Asymmetric only: a shared secret could be used to mint tokens by whoever checks them. */
const ALGORITHMS = ['ES256', 'RS256', 'EdDSA'];
const MAX_TOKEN_LENGTH = 8192;
const JWKS_TIMEOUT_MS = 3000;
const CLOCK_TOLERANCE_S = 30;

const Claims = z.object({
  sub: z.string().min(1).max(200),
  roles: z.array(z.string()).max(50).default([]),
});

/** Bearer JWTs (RFC 7519) checked against a JWKS; roles we don't know are ignored. */
export function createJwtVerifier(options: JwtVerifierOptions): VerifyToken {
  const keys =
    options.keys instanceof URL
      ? createRemoteJWKSet(options.keys, { timeoutDuration: JWKS_TIMEOUT_MS })
      : options.keys;
  return async (bearer) => {
    if (bearer.length > MAX_TOKEN_LENGTH) throw refusal('it is too long');
    return toActor(await verify(bearer, keys, options));
  };
}

async function verify(
  bearer: string,
  keys: JWTVerifyGetKey,
  options: JwtVerifierOptions,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(bearer, keys, {
      issuer: options.issuer,
      audience: options.audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: options.now(),
    });
    return payload;
  } catch (error) {
    const why = explain(error);
    if (why !== null) throw refusal(why, error);
    throw new ReleaseError(
      'IDENTITY_UNAVAILABLE',
      'The keys of the token issuer could not be read',
      {
        cause: error,
        details: { remedy: 'check that the issuer answers, then try again' },
      },
    );
  }
}

function toActor(payload: JWTPayload): Actor {
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw refusal('its claims sub or roles are malformed');
  const roles = claims.data.roles.filter((role): role is Role => ROLES.some((r) => r === role));
  return { subject: claims.data.sub, roles };
}

/** Null when the token is not at fault. */
function explain(error: unknown): string | null {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `its claim "${error.claim}" does not fit`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not allowed';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not hold';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the issuer does not know its key';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return 'it is not a JWT';
  }
  return null;
}

function refusal(why: string, cause?: unknown): ReleaseError {
  return new ReleaseError('UNAUTHENTICATED', `The token was refused: ${why}`, {
    cause,
    details: { remedy: 'log in again: plura login' },
  });
}
