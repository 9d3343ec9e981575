import { MANIFEST_CAUSE } from './causes';
import { NODE } from './graph';
import { keptUntil } from './reaches';
import type { Settling } from './settle';
import { float, int } from './typed';

/** Why a manifest stays in its own right: whatever points at it, a MANIFEST_CAUSE. */
export function manifestCause(
  { question: { graph, nowMs }, rules, reaches, isBlind }: Settling,
  node: number,
): number {
  const repository = graph.nodes.repositories.at(node);
  const rule = rules[repository];
  const flags = int(graph.node.flags, node);
  if (isBlind || graph.gaps.repository.has(repository) || graph.gaps.manifests.has(repository)) {
    return MANIFEST_CAUSE.unread;
  }
  if (!rule?.untagged) return MANIFEST_CAUSE.noRule;
  const pushedAt = float(graph.node.pushedAt, node);
  const reached = reaches.get(graph.nodes.digests.at(node));
  if (reached && keptUntil(reached, rule.windows) > nowMs) return MANIFEST_CAUSE.window;
  if (pushedAt + rule.graceMs > nowMs) return MANIFEST_CAUSE.young;
  if (!reached && float(graph.node.pulledAt, node) + rule.windows.inactiveMs > nowMs) {
    return MANIFEST_CAUSE.active;
  }
  if ((flags & NODE.present) === 0) return MANIFEST_CAUSE.notInInventory;
  if ((flags & NODE.pending) !== 0) return MANIFEST_CAUSE.pending;
  if (Number.isNaN(pushedAt)) return MANIFEST_CAUSE.unknownTime;
  return (flags & NODE.childMissing) !== 0 ? MANIFEST_CAUSE.childMissing : MANIFEST_CAUSE.none;
}
