import { isDigest, type Digest } from '../digest';
import { MANIFEST_SENTENCE, TAG_SENTENCE, tagGoes } from './causes';
import type { GcGraph } from './graph';
import { freeInOrder, itemOf } from './items';
import { isDoomed } from './order';
import type { PlanItem } from './plan';
import { LED_BY } from './reachability';
import { furthest } from './reaches';
import { settle, type GcQuestion, type Settled } from './settle';
import { byte, int } from './typed';

export interface ExplainStep {
  /** Null for a root, which is kept in every repository that has it. */
  readonly tag: string | null;
  readonly digest: Digest;
  /** A sentence for people. */
  readonly why: string;
}

export interface Explanation {
  readonly repository: string;
  /** As asked: a tag or a digest. */
  readonly reference: string;
  /** Of the tag where a tag was asked for, else of the manifest. absent: the inventory has no such thing. */
  readonly outcome: 'keep' | 'delete' | 'absent';
  readonly digest: Digest | null;
  /** From what keeps it to itself. Empty when it goes. */
  readonly chain: readonly ExplainStep[];
  /** Of a plan of the whole registry: what deletes the tag, and the manifest. */
  readonly items: readonly PlanItem[];
}

/** Why a tag or a digest stays, or by which rule it goes. */
export function explainGc(
  question: GcQuestion,
  repository: string,
  reference: string,
): Explanation {
  const { graph } = question;
  const asked = { repository, reference };
  const id = graph.repositories.get(repository);
  const tag = isDigest(reference) || id < 0 ? -1 : findTag(graph, id, reference);
  const node =
    isDigest(reference) && id >= 0 ? findNode(graph, id, reference) : nodeOfTag(graph, tag);
  if (node < 0) return { ...asked, outcome: 'absent', digest: null, chain: [], items: [] };
  const settled = settle(question);
  const digest = graph.digests.text(graph.nodes.digests.at(node));
  const goes = tag >= 0 ? tagGoes(byte(settled.tagCauses, tag)) : isDoomed(settled, node);
  const isManifestKept = !isDoomed(settled, node);
  return {
    ...asked,
    outcome: goes ? 'delete' : 'keep',
    digest,
    chain: [
      ...(isManifestKept ? chainTo(settled, node) : []),
      ...(tag >= 0 && !goes ? [tagStep(settled, tag)] : []),
    ],
    items: goes || !isManifestKept ? itemsAbout(settled, tag, node) : [],
  };
}

function findTag(
  { tag, tagsOfRepository: { starts, targets } }: GcGraph,
  repository: number,
  name: string,
): number {
  const tags = targets.subarray(int(starts, repository), int(starts, repository + 1));
  return tags.find((one) => tag.names.text(one) === name) ?? -1;
}

function findNode({ digests, nodes }: GcGraph, repository: number, digest: Digest): number {
  const id = digests.get(digest);
  return id < 0 ? -1 : nodes.get(repository, id);
}

function nodeOfTag({ tag }: GcGraph, id: number): number {
  return id < 0 ? -1 : int(tag.node, id);
}

/** Those that delete the tag, if one was asked for, and the manifest. */
function itemsAbout(settled: Settled, asked: number, node: number): readonly PlanItem[] {
  const items: PlanItem[] = [];
  let ordinal = 0;
  freeInOrder(settled, null, (doomed, bytes) => {
    if (doomed.node === node || (asked >= 0 && doomed.tag === asked)) {
      items.push(itemOf(settled, doomed, ordinal, bytes));
    }
    ordinal++;
  });
  return items;
}

/** From the root, tag or fact that everything hangs on, down to the node. */
function chainTo(settled: Settled, node: number): readonly ExplainStep[] {
  const chain: ExplainStep[] = [];
  const { reachability } = settled;
  let at = node;
  for (;;) {
    chain.push(stepOf(settled, at));
    if (byte(reachability.ledBy, at) >= LED_BY.root) break;
    at = int(reachability.from, at);
  }
  return chain.reverse();
}

function stepOf(settled: Settled, node: number): ExplainStep {
  const { question, reachability } = settled;
  const { graph, facts } = question;
  const from = int(reachability.from, node);
  const digest = graph.digests.text(graph.nodes.digests.at(node));
  const step = (why: string, tag: string | null = null): ExplainStep => ({ tag, digest, why });
  switch (byte(reachability.ledBy, node)) {
    case LED_BY.index:
      return step('the index before names it');
    case LED_BY.subject:
      return step('it is attached to the one before');
    case LED_BY.child:
      return step('it names the one before, which is in use');
    case LED_BY.referrer:
      return step('the one before is attached to it');
    case LED_BY.root: {
      const root = facts.roots[from];
      return step(root ? `${root.reason}: ${root.detail}` : 'a root');
    }
    case LED_BY.tag: {
      const tag = graph.tag.names.text(from);
      return step(`the tag ${tag} stays: ${sentenceOfTag(settled, from)}`, tag);
    }
    default:
      return step(`${MANIFEST_SENTENCE[from] ?? ''}${reachText(settled, node)}`);
  }
}

function tagStep(settled: Settled, tag: number): ExplainStep {
  const { graph } = settled.question;
  const digest = graph.digests.text(graph.nodes.digests.at(int(graph.tag.node, tag)));
  return { tag: graph.tag.names.text(tag), digest, why: sentenceOfTag(settled, tag) };
}

function sentenceOfTag(settled: Settled, tag: number): string {
  const { graph } = settled.question;
  const sentence = TAG_SENTENCE[byte(settled.tagCauses, tag)] ?? '';
  return `${sentence}${reachText(settled, int(graph.tag.node, tag))}`;
}

function reachText({ question: { graph }, reaches }: Settled, node: number): string {
  const reach = furthest(reaches.get(graph.nodes.digests.at(node)) ?? []);
  return reach
    ? ` (furthest: ${reach.channel}, last there ${new Date(reach.lastAtMs).toISOString()})`
    : '';
}
