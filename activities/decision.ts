import { verifyDecisionToken } from '../src/contract/schema/decision-token';
import { ReleaseError } from '../src/contract/errors';
import type { Actor } from '../src/domain/actor';
import { KEY_IDS } from '../src/ports/signer';
import type { Deps } from './deps';

export interface VerifyDecisionInput {
  readonly token: string;
  readonly action: 'approve' | 'abort';
  readonly releaseId: string;
  /** Names the message, so that a repeated attempt is the same use. */
  readonly usedBy: string;
}

export type VerifyDecisionResult =
  | { readonly valid: true; readonly actor: Actor }
  | { readonly valid: false; readonly reason: string };

export interface DecisionActivities {
  verifyDecision(input: VerifyDecisionInput): Promise<VerifyDecisionResult>;
}

const ABORT_WAIT_MS = 2_000;

/**
 * An abort does not wait for a ledger that is down: the token is ours, for this release and of these minutes, and to end a release
 * twice changes nothing. False: it was used before.
 */
async function unlessSlow(use: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(true);
    }, ABORT_WAIT_MS);
  });
  try {
    return await Promise.race([use.catch(() => true), slow]);
  } finally {
    clearTimeout(timer);
  }
}

/** A bad token is an answer here, not an error: a signal can't be refused. */
export function createDecisionActivities(
  deps: Pick<Deps, 'kms' | 'ledger' | 'now'>,
): DecisionActivities {
  return {
    async verifyDecision(input): Promise<VerifyDecisionResult> {
      const mac = (data: Buffer): Promise<Buffer> => deps.kms.mac(KEY_IDS.decision, data);
      try {
        const claims = await verifyDecisionToken(mac, input.token, deps.now().getTime());
        if (claims.action !== input.action || claims.releaseId !== input.releaseId) {
          return { valid: false, reason: 'The token is for another action or release' };
        }
        const use = deps.ledger.useTokenId(
          claims.jti,
          new Date(claims.exp * 1000).toISOString(),
          input.usedBy,
        );
        const fresh = await (input.action === 'abort' ? unlessSlow(use) : use);
        if (!fresh) return { valid: false, reason: 'The token was used before' };
        return { valid: true, actor: { subject: claims.sub, roles: claims.roles } };
      } catch (error) {
        if (error instanceof ReleaseError && error.code !== 'UNAUTHENTICATED') throw error;
        return {
          valid: false,
          reason: error instanceof ReleaseError ? error.message : 'Malformed',
        };
      }
    },
  };
}
