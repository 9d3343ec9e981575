import type { MirroredDatabase } from '../../../src/domain/advisories/database-mirror';
import type { DatabaseMirrors } from '../../../src/ports/database-mirrors';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeDatabaseMirrors = DatabaseMirrors & CallFaults;

/** Mirrored databases in memory. */
export function createFakeDatabaseMirrors(): FakeDatabaseMirrors {
  const mirrors: MirroredDatabase[] = [];
  const newestFirst = (): readonly MirroredDatabase[] =>
    mirrors.toReversed().sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt));
  return withCallFaults<DatabaseMirrors>({
    add: (one) => {
      const known = mirrors.some(({ kind, digest }) => kind === one.kind && digest === one.digest);
      if (!known) mirrors.push(one);
      return Promise.resolve(!known);
    },
    newest: (kind) => Promise.resolve(newestFirst().find((one) => one.kind === kind) ?? null),
    list: (limit) => Promise.resolve(newestFirst().slice(0, limit)),
  });
}
