import { randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ROLES, type Actor } from '../../domain/actor';
import { ReleaseError } from '../errors';

/**
 * A single-use permission for one decision on one release, pasted into Temporal Web UI as the
 * argument of a signal. It is bound to action and release and lives minutes, so that a history
 * that keeps it holds nothing of use.
 */
export const DecisionToken = z.object({
  sub: z.string().min(1).max(200),
  roles: z.array(z.enum(ROLES)).max(10),
  action: z.enum(['approve', 'abort']),
  releaseId: z.string().min(1).max(200),
  jti: z.uuid(),
  /** Seconds since the epoch. */
  exp: z.int(),
});
export type DecisionToken = z.infer<typeof DecisionToken>;

type Mac = (data: Buffer) => Promise<Buffer>;

export const DECISION_TOKEN_TTL_S = 300;

export async function mintDecisionToken(
  mac: Mac,
  actor: Actor,
  action: DecisionToken['action'],
  releaseId: string,
  nowMs: number,
): Promise<string> {
  const claims: DecisionToken = {
    sub: actor.subject,
    roles: [...actor.roles],
    action,
    releaseId,
    jti: randomUUID(),
    exp: Math.floor(nowMs / 1000) + DECISION_TOKEN_TTL_S,
  };
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${(await mac(Buffer.from(body))).toString('base64url')}`;
}

/** @throws ReleaseError UNAUTHENTICATED when forged, malformed or expired; single use is the ledger's to hold. */
export async function verifyDecisionToken(
  mac: Mac,
  token: string,
  nowMs: number,
): Promise<DecisionToken> {
  const [body, signature, ...rest] = token.length <= 4096 ? token.split('.') : [];
  if (!body || !signature || rest.length > 0) {
    throw new ReleaseError('UNAUTHENTICATED', 'The decision token is malformed');
  }
  const expected = await mac(Buffer.from(body));
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ReleaseError('UNAUTHENTICATED', 'The decision token is not ours');
  }
  const claims = DecisionToken.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
  if (claims.exp * 1000 <= nowMs) {
    throw new ReleaseError('UNAUTHENTICATED', 'The decision token has expired', {
      details: { remedy: 'make a new one: plura reg token' },
    });
  }
  return claims;
}
