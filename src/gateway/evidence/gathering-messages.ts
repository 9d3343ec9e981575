import type { Digest } from '../../domain/digest';
import type { Gathered } from './gather';

/** What a gathering thread is given. */
export interface GatheringThreadData {
  /** The folder of the registry. */
  readonly dir: string;
}

export interface GatherJob {
  readonly id: number;
  readonly repository: string;
  readonly digest: Digest;
  readonly artifactType: string | null;
}

export interface GatherAnswer {
  readonly id: number;
  /** Null: the folder has not all of it. Buffers come as plain arrays of bytes. */
  readonly gathered: Gathered | null;
}
