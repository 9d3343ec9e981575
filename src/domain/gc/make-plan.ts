import { breachesOf } from './budget';
import { freeInOrder, itemOf, type Freed } from './items';
import type { GcPlan, PlanItem, PlanTotals } from './plan';
import { retentionOf } from './retention';
import { settle, type GcQuestion } from './settle';

export interface PlanRequest extends GcQuestion {
  readonly policyHash: string;
  /** One repository, or null for all. Whatever it is, the graph is of the whole registry. */
  readonly repository: string | null;
  /** The longest time since the last plan in which pushes or pulls may have gone unseen. Not known: say so in `facts.missing`. */
  readonly eventGapMs: number;
  /** Hex digits of the SHA-256 over all the text. */
  readonly sha256: (text: Iterable<string>) => string;
}

const ID_DIGITS = 32;
const ITEMS_A_CHUNK = 256;

/** What goes, in the order of execution. The same inventory, facts, policy and time give the same plan, id included. */
export function planGc(request: PlanRequest): GcPlan {
  const { graph, policy, policyHash, repository, nowMs, eventGapMs } = request;
  const settled = settle(request);
  const scope = repository === null ? null : graph.repositories.get(repository);
  const items: PlanItem[] = [];
  const freed = freeInOrder(settled, scope, (doomed, bytes) => {
    items.push(itemOf(settled, doomed, items.length, bytes));
  });
  const madeAt = new Date(nowMs).toISOString();
  return {
    id: `gc-${request.sha256(textOf(request, madeAt, items)).slice(0, ID_DIGITS)}`,
    repository,
    policyHash,
    madeAt,
    expiresAt: new Date(nowMs + retentionOf(policy).planMaxAgeMs).toISOString(),
    totals: totalsOf(request, items, freed),
    breaches: breachesOf(settled, { items, bytes: freed.bytes, eventGapMs }),
    unknown: settled.unknown,
    unknownCount: settled.unknownCount,
    items,
  };
}

function totalsOf(
  { graph }: PlanRequest,
  items: readonly PlanItem[],
  { blobs, bytes }: Freed,
): PlanTotals {
  let deleteTags = 0;
  for (const { kind } of items) if (kind === 'tag') deleteTags++;
  return {
    repositories: graph.repositories.length,
    manifests: graph.counts.manifests,
    tags: graph.tag.node.length,
    blobs: graph.counts.blobs,
    deleteTags,
    deleteManifests: items.length - deleteTags,
    freeBlobs: blobs,
    freeBytes: bytes,
    orphanBlobs: graph.counts.orphanBlobs,
    orphanBytes: graph.counts.orphanBytes,
  };
}

/** One line an item. Names of repositories and tags hold no white space. */
function* textOf(
  { policyHash, repository }: PlanRequest,
  madeAt: string,
  items: readonly PlanItem[],
): Generator<string> {
  yield `plura reg gc 1\n${repository ?? '*'}\n${policyHash}\n${madeAt}\n`;
  for (let from = 0; from < items.length; from += ITEMS_A_CHUNK) {
    let text = '';
    for (const item of items.slice(from, from + ITEMS_A_CHUNK)) {
      text += `${item.kind} ${item.repository} ${item.tag ?? '-'} ${item.digest} ${item.rule} ${item.bytes} ${JSON.stringify(item.evidence)}\n`;
    }
    yield text;
  }
}
