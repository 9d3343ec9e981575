import type { Adjacency } from './adjacency';
import type { DigestTable } from './digest-table';
import type { RepositoryNames, TagNames } from './names';
import type { NodeTable } from './node-table';

/** What is known of a node, bits. */
export const NODE = {
  /** The inventory has the manifest; else only something that names it, or a gap. */
  present: 1,
  pending: 2,
  /** Could not be read, so that it may name anything. */
  unread: 4,
  /** It names a child that the repository has no manifest of. */
  childMissing: 8,
} as const;

/**
 * The inventory of a whole registry as numbers: a node is a manifest in a repository; digests, repositories and tags count
 * from 0. Times are ms since the epoch, NaN when not known.
 */
export interface GcGraph {
  readonly repositories: RepositoryNames;
  readonly digests: DigestTable;
  readonly nodes: NodeTable;
  readonly node: {
    readonly flags: Int32Array;
    readonly pushedAt: Float64Array;
    readonly pulledAt: Float64Array;
    /** The digest that it refers to by `subject`, or -1. */
    readonly subject: Int32Array;
  };
  readonly tag: {
    readonly names: TagNames;
    readonly node: Int32Array;
    readonly pushedAt: Float64Array;
    readonly pulledAt: Float64Array;
    /** Of a tag `sha256-HEX…`: the digest of HEX; else -1. */
    readonly subject: Int32Array;
    /** 1: a branch or an experiment. */
    readonly prerelease: Int32Array;
  };
  /** By digest, bytes; 0 when not known. */
  readonly sizes: Float64Array;
  /** By digest: how often manifests name it, and are it. */
  readonly references: Int32Array;
  /** Node to digests of its config, layers and children. */
  readonly named: Adjacency;
  /** Node to nodes. */
  readonly children: Adjacency;
  readonly parents: Adjacency;
  /** Node to what refers to it in the same repository: by `subject`, or by a tag `sha256-HEX…`. */
  readonly attached: Adjacency;
  readonly subjects: Adjacency;
  /** The same for subjects that the repository lacks: digest to nodes. */
  readonly strayed: ReadonlyMap<number, readonly number[]>;
  readonly tagsOfNode: Adjacency;
  readonly tagsOfRepository: Adjacency;
  readonly nodesOfDigest: Adjacency;
  readonly gaps: {
    /** Why nothing at all can be planned. */
    readonly registry: readonly string[];
    /** Why nothing of a repository can. */
    readonly repository: ReadonlyMap<number, string>;
    /** Why no manifest of a repository can: one of them could not be read. */
    readonly manifests: ReadonlyMap<number, string>;
  };
  readonly counts: {
    readonly manifests: number;
    readonly blobs: number;
    readonly orphanBlobs: number;
    readonly orphanBytes: number;
    /** By repository. */
    readonly manifestsOf: Int32Array;
  };
}
