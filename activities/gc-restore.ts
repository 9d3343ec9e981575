import { ReleaseError } from '../src/contract/errors';
import type { GcRestoreResult } from '../src/contract/gc-run-messages';
import type { Digest } from '../src/domain/digest';
import type { ImageRef } from '../src/domain/reference';
import type { Tombstone } from '../src/ports/tombstones';
import type { Deps } from './deps';
import { closureOfBuried } from './gc-restore-closure';
import { heartbeating } from './heartbeat';

export type RestoreDeps = Pick<
  Deps,
  'catalog' | 'componentIndex' | 'inventory' | 'now' | 'registry' | 'tombstones'
>;

export interface RestoreManifestInput {
  readonly repository: string;
  readonly digest: Digest;
  readonly by: string;
}

export interface RestoreActivities {
  /**
   * Puts a deleted manifest back with all that was buried of it: children, what is attached, tags that are free. Throws
   * TOMBSTONE_NOT_FOUND when its bytes, or what it names, are reclaimed.
   */
  restoreManifest(input: RestoreManifestInput): Promise<GcRestoreResult>;
}

export function createRestoreActivities(deps: RestoreDeps): RestoreActivities {
  return { restoreManifest: (input) => restoreManifest(deps, input) };
}

function reclaimed({ repository, digest }: ImageRef, cause: unknown): ReleaseError {
  return new ReleaseError(
    'TOMBSTONE_NOT_FOUND',
    `${repository}@${digest} can not be put back: what it names is reclaimed`,
    { cause, details: { remedy: 'build or push it again' } },
  );
}

async function putBack({ registry }: RestoreDeps, tombstone: Tombstone): Promise<void> {
  try {
    await registry.putManifest(tombstone.repository, tombstone);
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'DIGEST_NOT_FOUND') {
      throw reclaimed(tombstone, error);
    }
    throw error;
  }
}

/** Given back where nothing else has it by now. A write-once tag was claimed for good by this very digest. */
async function giveTag(deps: RestoreDeps, tombstone: Tombstone, tag: string): Promise<boolean> {
  const { repository, digest } = tombstone;
  const held = await deps.inventory.getTag(repository, tag);
  if (held !== null) return held.digest === digest;
  try {
    await deps.registry.putManifest(repository, tombstone, tag);
    return true;
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'TAG_TAKEN') return false;
    throw error;
  }
}

async function restoreManifest(
  deps: RestoreDeps,
  { repository, digest, by }: RestoreManifestInput,
): Promise<GcRestoreResult> {
  return heartbeating(async (signal, note) => {
    const closure = await closureOfBuried(deps, { repository, digest });
    const tags: string[] = [];
    const tagsTaken: string[] = [];
    for (const tombstone of closure) {
      signal.throwIfAborted();
      note(tombstone.digest);
      await putBack(deps, tombstone);
      for (const tag of tombstone.tags) {
        ((await giveTag(deps, tombstone, tag)) ? tags : tagsTaken).push(tag);
      }
    }
    const at = deps.now().toISOString();
    for (const one of closure) {
      await deps.componentIndex.recall(one.digest);
      await deps.tombstones.markRestored(repository, one.digest, by, at);
    }
    return { repository, restored: closure.map((one) => one.digest), tags, tagsTaken };
  });
}
