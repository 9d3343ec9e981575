import { ruleOfTag, TAG_CAUSE } from './causes';
import { lastActivity } from './judge-tag';
import { inOrder, type Doomed } from './order';
import type { Evidence, PlanItem } from './plan';
import { furthest, keptUntil } from './reaches';
import type { Settled } from './settle';
import { add, byte, float, int } from './typed';

export interface Freed {
  readonly blobs: number;
  readonly bytes: number;
  /** By digest: 1 when nothing names it any more after the plan. */
  readonly digests: Uint8Array;
}

/** Goes through the deletes of one repository, or of all, in order, with what comes free by each. */
export function freeInOrder(
  settled: Settled,
  repository: number | null,
  visit: (doomed: Doomed, bytes: number) => void,
): Freed {
  const { graph } = settled.question;
  const references = graph.references.slice();
  const digests = new Uint8Array(graph.digests.length);
  let [blobs, bytes] = [0, 0];
  const release = (digest: number): number => {
    if (add(references, digest, -1) !== 1) return 0;
    digests[digest] = 1;
    if (!isManifest(settled, digest)) blobs++;
    return float(graph.sizes, digest);
  };
  const { starts, targets } = graph.named;
  for (const doomed of inOrder(settled, repository)) {
    const { node } = doomed;
    let free = 0;
    if (node >= 0) {
      free = release(graph.nodes.digests.at(node));
      for (let at = int(starts, node); at < int(starts, node + 1); at++) {
        free += release(int(targets, at));
      }
    }
    bytes += free;
    visit(doomed, free);
  }
  return { blobs, bytes, digests };
}

/** The item of a plan for one delete. */
export function itemOf(
  settled: Settled,
  { tag, node }: Doomed,
  ordinal: number,
  bytes: number,
): PlanItem {
  return tag >= 0 ? tagItem(settled, tag, ordinal) : manifestItem(settled, node, ordinal, bytes);
}

function isManifest({ question: { graph } }: Settled, digest: number): boolean {
  const { starts } = graph.nodesOfDigest;
  return int(starts, digest) < int(starts, digest + 1);
}

function tagItem(settled: Settled, tag: number, ordinal: number): PlanItem {
  const { graph } = settled.question;
  const node = int(graph.tag.node, tag);
  const cause = byte(settled.tagCauses, tag);
  return {
    ordinal,
    kind: 'tag',
    repository: graph.repositories.text(graph.nodes.repositories.at(node)),
    tag: graph.tag.names.text(tag),
    digest: graph.digests.text(graph.nodes.digests.at(node)),
    rule: ruleOfTag(cause),
    evidence: evidenceOfTag(settled, tag, cause),
    bytes: 0,
  };
}

function evidenceOfTag(settled: Settled, tag: number, cause: number): Evidence {
  const { graph } = settled.question;
  const node = int(graph.tag.node, tag);
  if (cause === TAG_CAUSE.orphaned) {
    const pushedAt = settled.times.of(float(graph.tag.pushedAt, tag));
    return { subject: graph.digests.text(int(graph.tag.subject, tag)), pushedAt };
  }
  const rule = settled.rules[graph.nodes.repositories.at(node)];
  const reaches = settled.reaches.get(graph.nodes.digests.at(node));
  const reach = furthest(reaches ?? []);
  if (reaches && reach && rule) {
    return {
      reached: reach.channel,
      lastThereAt: settled.times.of(reach.lastAtMs),
      keptUntil: settled.times.of(keptUntil(reaches, rule.windows)),
    };
  }
  const active = lastActivity(settled, tag);
  const keptMs = rule?.windows.inactiveMs ?? 0;
  return { lastActivityAt: settled.times.of(active), keptUntil: settled.times.of(active + keptMs) };
}

function manifestItem(settled: Settled, node: number, ordinal: number, bytes: number): PlanItem {
  const { graph } = settled.question;
  const subject = subjectOf(settled, node);
  return {
    ordinal,
    kind: 'manifest',
    repository: graph.repositories.text(graph.nodes.repositories.at(node)),
    tag: null,
    digest: graph.digests.text(graph.nodes.digests.at(node)),
    rule: subject >= 0 ? 'orphaned-referrer' : 'unreferenced',
    evidence: evidenceOfManifest(settled, node, subject),
    bytes,
  };
}

/** What it is attached to, there or not: by itself, or by a tag, of several the first by name; -1 for nothing. */
function subjectOf({ question: { graph } }: Settled, node: number): number {
  const own = int(graph.node.subject, node);
  if (own >= 0) return own;
  const { starts, targets } = graph.tagsOfNode;
  let first = -1;
  for (let at = int(starts, node); at < int(starts, node + 1); at++) {
    const subject = int(graph.tag.subject, int(targets, at));
    if (first < 0 || (subject >= 0 && graph.digests.compare(subject, first) < 0)) first = subject;
  }
  return first;
}

/** Written out, since a million of these are small only where all have one of few shapes. */
function evidenceOfManifest(settled: Settled, node: number, subject: number): Evidence {
  const { graph } = settled.question;
  const { starts } = graph.tagsOfNode;
  const pushedAt = settled.times.of(float(graph.node.pushedAt, node));
  const lastPulledAt = settled.times.of(float(graph.node.pulledAt, node));
  // All of this plan.
  const tags = int(starts, node + 1) - int(starts, node);
  if (subject >= 0) return { pushedAt, lastPulledAt, tags, subject: graph.digests.text(subject) };
  const reach = furthest(settled.reaches.get(graph.nodes.digests.at(node)) ?? []);
  if (!reach) return { pushedAt, lastPulledAt, tags };
  const lastThereAt = settled.times.of(reach.lastAtMs);
  return { pushedAt, lastPulledAt, tags, reached: reach.channel, lastThereAt };
}
