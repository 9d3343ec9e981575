import { loadBases } from '../config/bases-file';
import { pinsOf } from '../domain/bases/pins';
import type { BaseCatalogue, ReadBases } from '../ports/base-catalogue';

/** The catalogue, and beside it the file that a local stack brings its own bases in. */
export function createReadBases(
  catalogue: Pick<BaseCatalogue, 'list'>,
  basesFile: string,
): ReadBases {
  return async () => pinsOf(await catalogue.list(), await loadBases(basesFile));
}
