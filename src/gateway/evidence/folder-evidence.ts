import type { Digest } from '../../domain/digest';
import { whileAllWaits, type FileReads, type Length } from '../storage/file-reads';
import { createRepositoryFiles } from '../storage/repository-files';
import { gatherEvidence, type Gathered } from './gather';
import { folderReader } from './piece-reader';

/** Evidence from the registry's folder alone. */
export interface FolderEvidence {
  /** Null when it has to be gathered in the usual way: the folder lacks a part, or its disk is slow. */
  gather(repository: string, digest: Digest, artifactType: string | null): Promise<Gathered | null>;
}

interface Options {
  /** The folder of the registry. */
  readonly dir: string;
  /** Called when reads took too long, at most once a minute. */
  readonly onSlow: (tookMs: number) => void;
  /** They hold the event loop. */
  readonly reads?: FileReads;
  /** Milliseconds that never jump. */
  readonly clock?: () => number;
}

/** Of one answer, what it was read for included: nobody else is served meanwhile. Twenty files that are in memory take 0.7 ms. */
const PATIENCE_MS = 20;
/** Of all reads in a second. */
const SHARE_MS = 500;
const SECOND_MS = 1_000;
const AFTER_SLOW_MS = 60_000;
/** Larger ones take their time to be hashed and parsed, too. */
const MAX_FILE_BYTES = 512 * 1024;

/** Says when reads take too long, and then for how long they are left alone. */
class Disk {
  private readonly clock: () => number;
  private readonly onSlow: (tookMs: number) => void;
  private slowUntil = Number.NEGATIVE_INFINITY;
  private secondAt = Number.NEGATIVE_INFINITY;
  private inSecondMs = 0;

  constructor(clock: () => number, onSlow: (tookMs: number) => void) {
    this.clock = clock;
    this.onSlow = onSlow;
  }

  isSlow(): boolean {
    return this.clock() < this.slowUntil;
  }

  /** @param spentMs on reads of the same answer, this one included */
  note(tookMs: number, spentMs: number): void {
    const now = this.clock();
    if (now - this.secondAt > SECOND_MS) {
      this.secondAt = now;
      this.inSecondMs = 0;
    }
    this.inSecondMs += tookMs;
    if (spentMs <= PATIENCE_MS && this.inSecondMs <= SHARE_MS) return;
    this.slowUntil = now + AFTER_SLOW_MS;
    this.onSlow(Math.max(spentMs, this.inSecondMs));
  }
}

/**
 * About twenty small files belong to an image. Read one after the other, while all else waits, they take half the time of reads by
 * Node's own threads, each there and back; a thread of our own costs two wake-ups. Large files are not read so, nor what is left once
 * patience is over; and nothing for a minute where it is the disk that is slow. All that goes the usual way.
 */
export function createFolderEvidence({
  dir,
  onSlow,
  reads = whileAllWaits,
  clock = () => performance.now(),
}: Options): FolderEvidence {
  const disk = new Disk(clock, onSlow);

  /** Reads for one answer. */
  function impatient(): FileReads {
    const begunAt = clock();
    let spentMs = 0;
    async function timed<T>(read: () => Promise<T>): Promise<T> {
      const at = clock();
      if (disk.isSlow() || at - begunAt > PATIENCE_MS) throw new Error('it takes too long');
      const reading = read();
      // It is over by now, since it held the loop.
      const tookMs = clock() - at;
      spentMs += tookMs;
      disk.note(tookMs, spentMs);
      return reading;
    }
    return {
      whole: (file, length) => timed(() => reads.whole(file, small(length))),
      size: (file) => timed(() => reads.size(file)),
    };
  }

  return {
    gather: async (repository, digest, artifactType) => {
      if (disk.isSlow()) return null;
      const files = createRepositoryFiles(dir, impatient());
      try {
        return await gatherEvidence(folderReader(files, repository), digest, artifactType);
      } catch {
        // Not in the folder, or nothing that can be read: the usual way tells.
        return null;
      }
    },
  };
}

/** @throws Error when it is known to be large */
function small(length: Length): Length {
  if ('maxBytes' in length) return { maxBytes: Math.min(length.maxBytes, MAX_FILE_BYTES) };
  if (length.size > MAX_FILE_BYTES) throw new Error('it is large');
  return length;
}
