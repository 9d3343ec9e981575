import { inParallel } from '../../contract/in-parallel';
import { ReleaseError } from '../../contract/errors';
import { countingSink, type CountingSink } from '../../domain/gc/counting-sink';
import type { InventorySink } from '../../domain/gc/inventory';
import type { InventoryFacts, ReadProgress } from '../../ports/inventory-source';

/** Repositories at once, and files of one of them. */
const REPOSITORIES = 4;
export const FILES = 16;
/** distribution-spec, "Pushing Manifests": registries take at least so much, and none that we know takes more. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

export interface Scan {
  readonly sink: CountingSink;
  readonly signal: AbortSignal;
}

interface ScanWork {
  readonly list: (scan: Scan) => Promise<readonly string[]>;
  readonly read: (scan: Scan, repository: string) => Promise<void>;
}

/** Reads repository by repository; one that can't be read is a gap, and all the others are read. */
export async function runScan(
  sink: InventorySink,
  signal: AbortSignal,
  { after, onRepository }: ReadProgress,
  { list, read }: ScanWork,
): Promise<InventoryFacts> {
  const readAtMs = Date.now();
  const scan: Scan = { sink: countingSink(sink), signal };
  const all = await list(scan);
  const names = after === undefined ? all : all.filter((name) => name > after);
  for (let from = 0; from < names.length; from += REPOSITORIES) {
    const batch = names.slice(from, from + REPOSITORIES);
    await inParallel(batch, REPOSITORIES, async (repository) => {
      signal.throwIfAborted();
      try {
        await read(scan, repository);
      } catch (error) {
        if (!(error instanceof ReleaseError)) throw error;
        scan.sink.unknown({ repository, digest: null, reason: error.message });
      }
      scan.sink.repositoryRead();
    });
    for (const repository of batch) onRepository?.(repository);
  }
  const counts = scan.sink.counts();
  return { counts, readAtMs, lastRecordedAtMs: null, lastReconciledAtMs: null };
}
