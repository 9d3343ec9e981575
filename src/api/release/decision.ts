import type { DecisionInput } from '../../contract/messages';
import { mintDecisionToken, type DecisionToken } from '../../contract/schema/decision-token';
import type { Actor } from '../../domain/actor';
import { KEY_IDS } from '../../ports/signer';
import type { ApiDependencies } from '../dependencies';

export interface DecisionOf {
  readonly actor: Actor;
  readonly action: DecisionToken['action'];
  readonly releaseId: string;
}

export async function mintToken(
  { kms }: Pick<ApiDependencies, 'kms'>,
  { actor, action, releaseId }: DecisionOf,
  nowMs: number,
): Promise<string> {
  const mac = (data: Buffer): Promise<Buffer> => kms.mac(KEY_IDS.decision, data);
  return mintDecisionToken(mac, actor, action, releaseId, nowMs);
}

/** What the workflow takes: it believes the token, not its sender. */
export async function toDecision(
  deps: Pick<ApiDependencies, 'kms' | 'now'>,
  decision: DecisionOf,
  reason: string,
): Promise<DecisionInput> {
  const token = await mintToken(deps, decision, deps.now().getTime());
  return { actor: decision.actor, reason, token };
}
