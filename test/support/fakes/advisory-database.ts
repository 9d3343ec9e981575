import type { Advisory } from '../../../src/domain/advisories/advisory';
import type { AdvisoryDatabase } from '../../../src/ports/advisory-database';

/** What it holds is changed by the test; a digest of the scanner's fake goes with it. */
export interface FakeAdvisoryDatabase extends AdvisoryDatabase {
  digest: string;
  advisories: readonly Advisory[];
}

export function createFakeAdvisoryDatabase(): FakeAdvisoryDatabase {
  const database: FakeAdvisoryDatabase = {
    digest: `sha256:${'d'.repeat(64)}`,
    updatedAt: '2026-03-01T06:00:00.000Z',
    advisories: [],
    advisoriesOf: ({ space, name }) =>
      Promise.resolve(
        database.advisories.filter((one) => one.space === space && one.name === name),
      ),
    close: () => Promise.resolve(),
  };
  return database;
}
