import path from 'node:path';
import { ReleaseError } from '../../contract/errors';
import type { InventorySink } from '../../domain/gc/inventory';
import { isRepositoryName } from '../../domain/registry/repository-class';
import { forEachEntry, kindOfEntry } from './files';

/** Names are at most 255 characters, so no repository lies deeper. */
const MAX_DEPTH = 128;
const PARALLEL = 8;

export interface Tree {
  readonly root: string;
  readonly sink: InventorySink;
  readonly signal: AbortSignal;
  /** By the names of its entries: whether a folder is a repository. */
  readonly isRepository: (entries: ReadonlySet<string>) => boolean;
  /** Folders that belong to the repository above them. */
  readonly isOwn: (entry: string) => boolean;
}

async function walk(
  tree: Tree,
  name: string,
  depth: number,
  found: (name: string) => void,
): Promise<void> {
  const entries = new Set<string>();
  const below: string[] = [];
  const odd = (entry: string, reason: string): void => {
    tree.sink.unknown({
      repository: name === '' ? entry : `${name}/${entry}`,
      digest: null,
      reason,
    });
  };
  await forEachEntry(path.join(tree.root, name), PARALLEL, tree.signal, async (entry) => {
    entries.add(entry.name);
    if (tree.isOwn(entry.name)) return;
    if (entry.isDirectory()) below.push(entry.name);
    else if (entry.isSymbolicLink()) odd(entry.name, 'it is a link, and links are not followed');
    return Promise.resolve();
  });
  if (tree.isRepository(entries)) {
    if (isRepositoryName(name)) found(name);
    else tree.sink.unknown({ repository: name, digest: null, reason: 'its name is none' });
  }
  for (const entry of below) {
    if (depth >= MAX_DEPTH) odd(entry, 'it lies deeper than any repository');
    else await walk(tree, name === '' ? entry : `${name}/${entry}`, depth + 1, found);
  }
}

/**
 * Names of all repositories below `root`, sorted by code units, which is the order a checkpoint counts by.
 *
 * @throws ReleaseError REGISTRY_UNAVAILABLE when it is not there or can't be listed
 */
export async function listStoredRepositories(tree: Tree): Promise<readonly string[]> {
  if ((await kindOfEntry(tree.root)) !== 'folder') {
    throw new ReleaseError('REGISTRY_UNAVAILABLE', 'There is no registry where it was looked for', {
      details: { folder: tree.root, remedy: 'give the folder that the registry writes to' },
    });
  }
  const names: string[] = [];
  await walk(tree, '', 0, (name) => names.push(name));
  return names.sort();
}
