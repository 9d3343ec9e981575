import type { Digest } from '../src/domain/digest';
import type { InventoryGap, InventorySink } from '../src/domain/gc/inventory';
import { channelOf } from '../src/domain/registry/drift';
import type { InventorySource, ReadProgress } from '../src/ports/inventory-source';
import { localReason } from './reconcile-look';
import { recordManifest, recordTag, type RecordDeps } from './reconcile-record';

export interface ImportDeps extends RecordDeps {
  /** The registry itself, by its disk or by its API. */
  readonly source: InventorySource;
}

export interface ImportedRepository {
  readonly repository: string;
  /** Recorded now; what was known before is not counted. */
  readonly tags: number;
  readonly manifests: number;
  /** What could not be read or recorded, a sentence each. */
  readonly faults: readonly string[];
}

interface Found {
  readonly tags: Map<string, Digest>;
  readonly manifests: Digest[];
  readonly faults: string[];
}

function createFinds(): {
  readonly sink: InventorySink;
  readonly take: (repository: string) => Found;
} {
  const finds = new Map<string, Found>();
  const of = (repository: string): Found => {
    const found = finds.get(repository) ?? { tags: new Map(), manifests: [], faults: [] };
    finds.set(repository, found);
    return found;
  };
  return {
    sink: {
      manifest: ({ repository, digest }) => of(repository).manifests.push(digest),
      tag: ({ repository, tag, digest }) => of(repository).tags.set(tag, digest),
      // Manifests are read again from the registry, which says more of what they name than an inventory.
      edge: () => undefined,
      blob: () => undefined,
      unknown: ({ repository, digest, reason }: InventoryGap) => {
        of(repository ?? '').faults.push(digest === null ? reason : `${digest}: ${reason}`);
      },
    },
    take: (repository) => {
      const found = of(repository);
      finds.delete(repository);
      return found;
    },
  };
}

async function record(
  deps: ImportDeps,
  repository: string,
  found: Found,
): Promise<ImportedRepository> {
  const { inventory } = deps;
  const faults = [...found.faults];
  const counts = { tags: 0, manifests: 0 };
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      faults.push(`${what}: ${localReason(error)}`);
    }
  };
  const known = new Set((await inventory.readRepository(repository)).manifests);
  for (const digest of found.manifests.filter((one) => !known.has(one))) {
    await attempt(digest, async () => {
      await recordManifest(deps, { repository, digest });
      counts.manifests += 1;
    });
  }
  // Channels are the ledger's, and the reconcile sees to them.
  const tags = channelOf(repository) ? [] : found.tags;
  for (const [tag, digest] of tags) {
    await attempt(tag, async () => {
      // One that the gateway has by now is newer than what was found.
      if (await inventory.getTag(repository, tag)) return;
      const { result, note } = await recordTag(deps, repository, tag, digest);
      if (result === 'repaired') counts.tags += 1;
      else faults.push(`${tag}: ${note}`);
    });
  }
  return { repository, ...counts, faults };
}

/**
 * Records what a registry held before the gateway stood in front of it, manifests without a tag too, as pushed by nobody we
 * know and now: every window begins with the import. Repository by repository; safe to repeat, and to go on with.
 *
 * @throws ReleaseError REGISTRY_UNAVAILABLE, LEDGER_UNAVAILABLE: what was told of is recorded
 */
export async function importInventory(
  deps: ImportDeps,
  signal: AbortSignal,
  { after }: Pick<ReadProgress, 'after'>,
  tell: (imported: ImportedRepository) => void,
): Promise<void> {
  const { sink, take } = createFinds();
  await deps.source.read(sink, signal, {
    ...(after !== undefined && { after }),
    onRepository: async (repository) => {
      signal.throwIfAborted();
      tell(await record(deps, repository, take(repository)));
    },
  });
}
