import { isUnknown, MANIFEST_CAUSE, MANIFEST_SENTENCE, TAG_CAUSE, tagGoes } from './causes';
import { NODE, type GcGraph } from './graph';
import { manifestCause } from './judge-manifest';
import { attachedTagCause, tagCause, unknownOfTag } from './judge-tag';
import { newestReleases } from './newest';
import { KEPT, LED_BY, Reachability } from './reachability';
import { reachesOf, type Reaches } from './reaches';
import { ruleOf, type GcPolicy, type RepositoryRule } from './retention';
import type { RootFacts } from './roots';
import { TimeTexts } from './time-texts';
import { byte, int } from './typed';

/** What a decision about all of the registry is made from. */
export interface GcQuestion {
  readonly graph: GcGraph;
  readonly facts: RootFacts;
  readonly policy: GcPolicy;
  /** When inventory and facts were read, ms since the epoch. */
  readonly nowMs: number;
}

/** What stays and what goes, by node and tag. */
export interface Settled {
  readonly question: GcQuestion;
  /** By repository. */
  readonly rules: readonly RepositoryRule[];
  readonly reaches: Reaches;
  readonly reachability: Reachability;
  /** By tag: a TAG_CAUSE. */
  readonly tagCauses: Uint8Array;
  readonly times: TimeTexts;
  readonly unknown: readonly string[];
  readonly unknownCount: number;
}

const MAX_NAMED = 100;

/** Of what is kept since something is not known. */
class Unknowns {
  readonly sentences: string[] = [];
  count = 0;

  name(sentence: () => string): void {
    if (this.count++ < MAX_NAMED) this.sentences.push(sentence());
  }
}

/** What nothing is planned for, and why. */
function gapsOf({ graph, facts }: GcQuestion): readonly string[] {
  return [...facts.missing, ...graph.gaps.registry];
}

export function settle(question: GcQuestion): Settled {
  const { graph, facts, policy } = question;
  const rules = graph.repositories.texts.map((repository) => ruleOf(policy, repository));
  const settling: Settling = {
    question,
    rules,
    reaches: reachesOf(graph, facts.reaches),
    reachability: new Reachability(graph),
    tagCauses: new Uint8Array(graph.tag.node.length),
    times: new TimeTexts(),
    unknowns: new Unknowns(),
    isBlind: gapsOf(question).length > 0,
  };
  for (const sentence of gapsOf(question)) settling.unknowns.name(() => sentence);
  for (const sentence of graph.gaps.repository.values()) settling.unknowns.name(() => sentence);
  for (const sentence of graph.gaps.manifests.values()) settling.unknowns.name(() => sentence);
  seedRoots(settling);
  seedTags(settling);
  seedManifests(settling, false);
  // Last, so that only what nothing else keeps is named.
  seedManifests(settling, true);
  settleAttachedTags(settling);
  const { unknowns, reaches, reachability, tagCauses, times } = settling;
  return {
    question,
    rules,
    reaches,
    reachability,
    tagCauses,
    times,
    unknown: unknowns.sentences,
    unknownCount: unknowns.count,
  };
}

export interface Settling extends Omit<Settled, 'unknown' | 'unknownCount'> {
  readonly unknowns: Unknowns;
  /** A source or all of the inventory is missing. */
  readonly isBlind: boolean;
}

function seedRoots({ question: { graph, facts }, reachability }: Settling): void {
  const { starts, targets } = graph.nodesOfDigest;
  facts.roots.forEach((root, position) => {
    const digest = graph.digests.get(root.digest);
    if (digest < 0) return;
    for (let at = int(starts, digest); at < int(starts, digest + 1); at++) {
      reachability.seed(int(targets, at), KEPT.root, LED_BY.root, position);
    }
  });
}

function seedTags(settling: Settling): void {
  const { question, reachability, rules, tagCauses, unknowns } = settling;
  const { graph } = question;
  const { starts, targets } = graph.tagsOfRepository;
  const kept: number[] = [];
  rules.forEach((rule, repository) => {
    const newest = new Set(newestReleases(graph, repository, rule.releases ? rule.keepLast : 0));
    for (let at = int(starts, repository); at < int(starts, repository + 1); at++) {
      const tag = int(targets, at);
      const isAttached = int(graph.tag.subject, tag) >= 0;
      const cause = isAttached
        ? attachedTagCause(settling, rule, tag)
        : tagCause(settling, rule, tag, newest.has(tag));
      tagCauses[tag] = cause;
      const why = unknownOfTag(cause);
      if (why !== null) {
        unknowns.name(
          () => `${graph.repositories.text(repository)}:${graph.tag.names.text(tag)}: ${why}`,
        );
      }
      if (!tagGoes(cause)) kept.push(tag);
    }
  });
  // After all were judged: what a tag keeps does not make a root of another.
  for (const tag of kept) {
    reachability.seed(int(graph.tag.node, tag), KEPT.itself, LED_BY.tag, tag);
  }
}

function seedManifests(settling: Settling, unknown: boolean): void {
  const { question, reachability, unknowns } = settling;
  const { graph } = question;
  for (let node = 0; node < graph.nodes.length; node++) {
    if (byte(reachability.kept, node) >= KEPT.itself) continue;
    const cause = manifestCause(settling, node);
    if (cause === MANIFEST_CAUSE.none || isUnknown(cause) !== unknown) continue;
    const isNamed = byte(reachability.kept, node) === KEPT.no && cause !== MANIFEST_CAUSE.unread;
    if (isNamed) {
      unknowns.name(() => {
        const repository = graph.repositories.text(graph.nodes.repositories.at(node));
        const digest = graph.digests.text(graph.nodes.digests.at(node));
        return `${repository}@${digest}: ${MANIFEST_SENTENCE[cause] ?? ''}`;
      });
    }
    reachability.seed(node, KEPT.itself, LED_BY.itself, cause);
  }
}

/** A tag `sha256-HEX…` that nothing kept by itself goes where its subject goes. */
function settleAttachedTags({ question: { graph }, reachability, tagCauses }: Settling): void {
  const { node, subject } = graph.tag;
  for (let tag = 0; tag < node.length; tag++) {
    if (byte(tagCauses, tag) !== TAG_CAUSE.orphaned) continue;
    const digest = int(subject, tag);
    const repository = graph.nodes.repositories.at(int(node, tag));
    const here = graph.nodes.get(repository, digest);
    const isHere = here >= 0 && (int(graph.node.flags, here) & NODE.present) !== 0;
    const isKept = isHere
      ? byte(reachability.kept, here) !== KEPT.no
      : reachability.keepsDigest(digest);
    if (isKept) tagCauses[tag] = TAG_CAUSE.subjectKept;
  }
}
