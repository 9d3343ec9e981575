import type { BlockView } from '../../../contract/schema/api-quarantine';
import type { Digest } from '../../../domain/digest';
import { isInForce, type Block, type Blocks } from '../../../domain/registry/quarantine';
import type { ApiDependencies } from '../../dependencies';

/** What the gateways refuse now, spread over indexes and children as the policy says. Throws LEDGER_UNAVAILABLE. */
export async function readBlocks({
  gatewayState,
  policy,
}: Pick<ApiDependencies, 'gatewayState' | 'policy'>): Promise<Blocks> {
  const { spreadToParents, spreadToChildren } = policy.registry.quarantine;
  const spread = { parents: spreadToParents, children: spreadToChildren };
  const { blocks } = await gatewayState.read(spread);
  return new Map(blocks.map((block) => [block.digest, block]));
}

export function viewBlock(blocks: Blocks, digest: Digest, now: Date): BlockView | null {
  const block = blocks.get(digest);
  return block && isInForce(block, now.getTime()) ? toView(block) : null;
}

function toView({ cause, reason, cves, at, graceUntil, expiresAt }: Block): BlockView {
  return { cause, reason, cves: [...cves], since: at, graceUntil, expiresAt };
}
