import { AskedThread, type ThreadEntry } from '../../contract/asked-thread';
import type { Digest } from '../../domain/digest';
import type { Gathered } from './gather';
import type { GatherAnswer, GatheringThreadData, GatherJob } from './gathering-messages';

/** Evidence from the registry's folder alone. */
export interface FolderEvidence {
  /** Null when it has to be gathered in the usual way: the folder lacks a part, or others are waiting already. */
  gather(repository: string, digest: Digest, artifactType: string | null): Promise<Gathered | null>;
  close(): Promise<void>;
}

/** One disk that is slow must not make all wait in line. */
const MAX_UNDERWAY = 4;
/** A thread that failed may do so at each start. */
const AFTER_FAILURE_MS = 60_000;

interface Options {
  /** The folder of the registry. */
  readonly dir: string;
  readonly thread: ThreadEntry;
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds that never jump. */
  readonly clock?: () => number;
}

/** A message between threads has no Buffers. */
function buffer({ buffer: memory, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(memory, byteOffset, length);
}

const buffers = (map: ReadonlyMap<Digest, Buffer>): ReadonlyMap<Digest, Buffer> =>
  new Map([...map].map(([digest, bytes]) => [digest, buffer(bytes)]));

function heard({ manifests, blobs, lists, leftOut }: Gathered): Gathered {
  return {
    manifests: new Map(
      [...manifests].map(([digest, { bytes, links }]) => [digest, { bytes: buffer(bytes), links }]),
    ),
    blobs: buffers(blobs),
    lists: buffers(lists),
    leftOut,
  };
}

/**
 * About twenty small files belong to an image. Read one after the other in a thread of their own, they take half the time of reads that go by
 * Node's own threads, each there and back.
 */
export function createThreadedGathering(options: Options): FolderEvidence {
  const { dir, thread, onFailure, clock = () => performance.now() } = options;
  const workerData: GatheringThreadData = { dir };
  let offUntil = Number.NEGATIVE_INFINITY;
  const asked = new AskedThread<Omit<GatherJob, 'id'>, GatherAnswer>({
    ...{ thread, workerData },
    failed: (why) => new Error(`the gathering thread failed: ${why}`),
  });
  return {
    gather: async (repository, digest, artifactType) => {
      if (asked.underway >= MAX_UNDERWAY || clock() < offUntil) return null;
      try {
        const { gathered } = await asked.ask({ repository, digest, artifactType });
        return gathered && heard(gathered);
      } catch (error) {
        offUntil = clock() + AFTER_FAILURE_MS;
        onFailure(error);
        // What it failed at fails again in the usual way, and is told then.
        return null;
      }
    },
    close: () => asked.close(),
  };
}
