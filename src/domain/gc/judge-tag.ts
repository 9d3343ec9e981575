import { TAG_CAUSE, TAG_SENTENCE } from './causes';
import { NODE } from './graph';
import { KEPT } from './reachability';
import { keptUntil } from './reaches';
import type { RepositoryRule } from './retention';
import type { Settling } from './settle';
import { byte, float, int } from './typed';

type Judging = Pick<Settling, 'question' | 'reaches' | 'reachability' | 'isBlind'>;

/** Later of two times; one that is not known is never. */
function latest(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) || a > b ? a : b;
}

/** What speaks for keeping any tag; null when nothing does. */
function keptAnyway(
  { question: { graph }, reachability, isBlind }: Judging,
  isJudged: boolean,
  tag: number,
): number | null {
  const node = int(graph.tag.node, tag);
  const flags = int(graph.node.flags, node);
  if (isBlind || graph.gaps.repository.has(graph.nodes.repositories.at(node))) {
    return TAG_CAUSE.unread;
  }
  if (!isJudged) return TAG_CAUSE.noRule;
  if (byte(reachability.kept, node) === KEPT.root) return TAG_CAUSE.root;
  if ((flags & NODE.present) === 0) return TAG_CAUSE.noManifest;
  if ((flags & NODE.pending) !== 0) return TAG_CAUSE.pending;
  return null;
}

/** Of a tag that people gave; `isNewest`: among those that stay however old they are. */
export function tagCause(
  judging: Judging,
  rule: RepositoryRule,
  tag: number,
  isNewest: boolean,
): number {
  const anyway = keptAnyway(judging, rule.tags, tag);
  if (anyway !== null) return anyway;
  if (isNewest) return TAG_CAUSE.newest;
  const { graph, nowMs } = judging.question;
  const node = int(graph.tag.node, tag);
  const pushedAt = float(graph.tag.pushedAt, tag);
  const reaches = judging.reaches.get(graph.nodes.digests.at(node));
  if (reaches && keptUntil(reaches, rule.windows) > nowMs) return TAG_CAUSE.window;
  if (Number.isNaN(pushedAt) || Number.isNaN(float(graph.node.pushedAt, node))) {
    return TAG_CAUSE.unknownTime;
  }
  if (pushedAt + rule.graceMs > nowMs) return TAG_CAUSE.young;
  if (reaches) return TAG_CAUSE.windowPassed;
  const active = lastActivity(judging, tag);
  return active + rule.windows.inactiveMs > nowMs ? TAG_CAUSE.active : TAG_CAUSE.inactive;
}

/** The last push or pull, of the tag or of what it points at. */
export function lastActivity(
  { question: { graph } }: Pick<Judging, 'question'>,
  tag: number,
): number {
  const node = int(graph.tag.node, tag);
  const pushed = latest(float(graph.tag.pushedAt, tag), float(graph.node.pushedAt, node));
  const pulled = latest(float(graph.tag.pulledAt, tag), float(graph.node.pulledAt, node));
  return latest(pushed, pulled);
}

/** Of a tag `sha256-HEX…`. `orphaned`: nothing keeps it but, perhaps, its subject. */
export function attachedTagCause(judging: Judging, rule: RepositoryRule, tag: number): number {
  const anyway = keptAnyway(judging, rule.untagged, tag);
  if (anyway !== null) return anyway;
  const { graph, nowMs } = judging.question;
  const pushedAt = float(graph.tag.pushedAt, tag);
  if (Number.isNaN(pushedAt)) return TAG_CAUSE.unknownTime;
  return pushedAt + rule.graceMs > nowMs ? TAG_CAUSE.young : TAG_CAUSE.orphaned;
}

/** The sentence for a tag that is kept since something is not known. */
export function unknownOfTag(cause: number): string | null {
  const isNamed =
    cause === TAG_CAUSE.unknownTime ||
    cause === TAG_CAUSE.noManifest ||
    cause === TAG_CAUSE.pending;
  return isNamed ? (TAG_SENTENCE[cause] ?? null) : null;
}
