import type { Environment } from '../reference';

/** By what storage is told apart. */
export const BREAKDOWNS = ['repository', 'service', 'team', 'environment'] as const;
export type Breakdown = (typeof BREAKDOWNS)[number];

/** The group of what belongs to no service or team, or never reached an environment; a name of none of them. */
export const NO_GROUP = '-';

/** Distinct images by the furthest environment that their digest ever reached. */
export type ImageCounts = Readonly<Record<Environment | typeof NO_GROUP, number>>;

/** Contents are blobs and manifests, each digest once. Bytes are as pushed: the registry compresses nothing. */
export interface GroupFigures {
  readonly by: Breakdown;
  readonly name: string;
  /** Sum over manifests of their own bytes and of the blobs they name, as if nothing were shared. */
  readonly logicalBytes: number;
  /** Contents that this group alone holds: what would come free without it. */
  readonly uniqueBytes: number;
  /** Contents that another group of the same breakdown holds too. */
  readonly sharedBytes: number;
  /** What the newest plan of the whole registry would still free, by its items; null: there is no such plan. */
  readonly reclaimableBytes: number | null;
  readonly manifests: number;
  readonly tags: number;
  readonly contents: number;
  /** Of a repository; null for other groups. */
  readonly images: ImageCounts | null;
}

export interface StorageTotals {
  /** Each content once: what lies on the disk. */
  readonly storageBytes: number;
  readonly logicalBytes: number;
  readonly reclaimableBytes: number | null;
  readonly repositories: number;
  /** One a repository that holds it. */
  readonly manifests: number;
  readonly tags: number;
  /** Distinct manifests. */
  readonly digests: number;
  readonly contents: number;
  readonly images: ImageCounts;
}

/** One a day. */
export interface StorageSample {
  /** `2026-11-30`, in UTC. */
  readonly day: string;
  /** RFC 3339, when it was counted. */
  readonly at: string;
  readonly totals: StorageTotals;
}
