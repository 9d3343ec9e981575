import { GraphBuilder } from '../../domain/gc/builder';
import type { RootFacts } from '../../domain/gc/roots';
import { retentionOf, windowOf, type GcPolicy } from '../../domain/gc/retention';
import type { GcQuestion } from '../../domain/gc/settle';
import type { ChannelName } from '../../domain/reference';
import type { Planning } from '../../ports/gc-planner';
import type { GcRoots } from '../../ports/gc-roots';
import type { InventoryFacts, InventorySource } from '../../ports/inventory-source';

export interface LookParts {
  readonly source: InventorySource;
  readonly roots: GcRoots;
}

export interface Looked extends Omit<GcQuestion, 'policy'> {
  readonly eventGapMs: number;
}

/** The shortest of several policies: what a longer one keeps beyond it, its rules keep. */
function shortestWindow(policies: readonly GcPolicy[], channel: ChannelName): number {
  return Math.min(...policies.map((policy) => windowOf(retentionOf(policy).windows, channel)));
}

function gapOf({ counts, readAtMs, ...facts }: InventoryFacts): {
  readonly eventGapMs: number;
  readonly missing: readonly string[];
} {
  const { lastRecordedAtMs: recorded, lastReconciledAtMs: reconciled } = facts;
  if (recorded !== null) {
    // Neither stands in for the other: the reconcile sees no pulls, and the gateway nothing that goes past it.
    const heard = Math.min(recorded, reconciled ?? recorded);
    return { eventGapMs: Math.max(0, readAtMs - heard), missing: [] };
  }
  const missing = counts.manifests > 0 ? ['when the gateway last recorded a push or a pull'] : [];
  return { eventGapMs: 0, missing };
}

/** The inventory first, then the roots, so that nothing falls between them. */
export async function lookAround(
  { source, roots }: LookParts,
  policies: readonly GcPolicy[],
  { readLive, signal, note }: Planning,
): Promise<Looked> {
  const builder = new GraphBuilder();
  note('reading the inventory');
  const inventory = await source.read(builder, signal);
  note(`${inventory.counts.manifests} manifests read; asking what must stay`);
  const at = new Date(inventory.readAtMs).toISOString();
  const [ledger, live] = await Promise.all([
    roots.read({ at, windowMs: (channel) => shortestWindow(policies, channel) }),
    readLive(),
  ]);
  signal.throwIfAborted();
  note(
    `${inventory.counts.manifests} manifests, ${ledger.roots.length + live.roots.length} roots; planning`,
  );
  const { eventGapMs, missing } = gapOf(inventory);
  const facts: RootFacts = {
    roots: [...ledger.roots, ...live.roots],
    reaches: ledger.reaches,
    missing: [...ledger.missing, ...live.missing, ...missing],
  };
  return { graph: builder.build(), facts, nowMs: inventory.readAtMs, eventGapMs };
}
