import { createHash } from 'node:crypto';
import type { Digest } from '../../../src/domain/digest';
import type { GcEdge, GcManifest, GcTag, InventoryGap } from '../../../src/domain/gc/inventory';
import { planGc, type PlanRequest } from '../../../src/domain/gc/make-plan';
import type { GcPlan } from '../../../src/domain/gc/plan';
import { retentionOf, type RetentionPolicy } from '../../../src/domain/gc/retention';
import type { Reach, Root } from '../../../src/domain/gc/roots';
import type { ChannelName } from '../../../src/domain/reference';
import { sha256 } from './check-registry';
import { graphOf } from './inventory-rows';

const DAY = 86_400_000;
export const NOW = Date.UTC(2026, 10, 30);
export const daysAgo = (days: number): number => NOW - days * DAY;

/** A digest that a test can call by name. */
export function digestOf(name: string): Digest {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}

interface Given {
  readonly layers?: readonly string[];
  readonly children?: readonly string[];
  readonly subject?: string;
  /** Days ago; null: not known. */
  readonly pushed?: number | null;
  readonly pulled?: number;
  readonly pending?: boolean;
}

/** A registry in a few words; everything is a year old unless it says so. Manifests have 10 bytes, layers 1000. */
export class SampleRegistry {
  private readonly manifests: GcManifest[] = [];
  private readonly edges: GcEdge[] = [];
  private readonly tags: GcTag[] = [];
  private readonly gaps: InventoryGap[] = [];
  private readonly roots: Root[] = [];
  private readonly reaches: Reach[] = [];
  private readonly missing: string[] = [];
  private readonly names = new Map<Digest, string>();

  manifest(repository: string, name: string, given: Given = {}): this {
    const digest = digestOf(name);
    this.names.set(digest, name);
    const { layers = [], children = [], subject, pushed = 365, pulled, pending = false } = given;
    this.manifests.push({
      repository,
      digest,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: null,
      size: 10,
      subject: subject === undefined ? null : digestOf(subject),
      pushedAtMs: pushed === null ? null : daysAgo(pushed),
      lastPulledAtMs: pulled === undefined ? null : daysAgo(pulled),
      pending,
    });
    const edge = (kind: GcEdge['kind'], child: string, size: number): void => {
      this.edges.push({ repository, parent: digest, kind, child: digestOf(child), size });
    };
    for (const layer of layers) edge('layer', layer, 1000);
    for (const child of children) edge('child', child, 10);
    return this;
  }

  tag(
    repository: string,
    tag: string,
    name: string,
    { pushed = 365, pulled }: Pick<Given, 'pushed' | 'pulled'> = {},
  ): this {
    this.tags.push({
      repository,
      tag,
      digest: digestOf(name),
      pushedAtMs: pushed === null ? null : daysAgo(pushed),
      lastPulledAtMs: pulled === undefined ? null : daysAgo(pulled),
    });
    return this;
  }

  root(name: string, reason: Root['reason'] = 'live-workload', detail = 'web in prod'): this {
    this.roots.push({ digest: digestOf(name), reason, detail });
    return this;
  }

  reach(name: string, channel: ChannelName, days: number): this {
    this.reaches.push({ digest: digestOf(name), channel, lastAtMs: daysAgo(days) });
    return this;
  }

  gap(gap: InventoryGap): this {
    this.gaps.push(gap);
    return this;
  }

  withoutSource(why: string): this {
    this.missing.push(why);
    return this;
  }

  question(
    retention: Partial<RetentionPolicy> = {},
  ): Omit<PlanRequest, 'policyHash' | 'repository' | 'eventGapMs' | 'sha256'> {
    const { manifests, edges, tags, gaps, roots, reaches, missing } = this;
    return {
      graph: graphOf({ manifests, edges, tags, gaps, blobs: [] }),
      facts: { roots, reaches, missing },
      // Without a floor, unless a test is about it.
      policy: {
        registry: { open: ['scratch'] },
        retention: { ...retentionOf({}), keepLast: 0, ...retention },
      },
      nowMs: NOW,
    };
  }

  plan(retention: Partial<RetentionPolicy> = {}, request: Partial<PlanRequest> = {}): GcPlan {
    return planGc({
      ...this.question(retention),
      policyHash: 'sha256:0',
      repository: null,
      eventGapMs: 0,
      sha256,
      ...request,
    });
  }

  /** What goes, by tag or by the name that was given. */
  goes(retention: Partial<RetentionPolicy> = {}): readonly string[] {
    return this.plan(retention).items.map(
      ({ tag, digest }) => tag ?? this.names.get(digest) ?? digest,
    );
  }
}
