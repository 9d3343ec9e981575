import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAdvisoryDatabase } from '../../src/adapters/trivy/advisory-database';
import { seedDatabase, type SeededDatabase } from '../../src/local/seed/database';
import type { AdvisoryDatabase } from '../../src/ports/advisory-database';
import { findingsOfOurs, findingsOfTrivy, type FindingLines } from '../support/advisories/findings';
import { LIBRARY_ROWS } from '../support/advisories/library-table';
import { librarySbom, systemSbom } from '../support/advisories/sbom';
import { SYSTEM_IMAGES } from '../support/advisories/system-table';
import { toolPath } from '../support/tools';

jest.setTimeout(120_000);

/** Ids of findings, sorted; as often as they occur. */
const idsOf = (lines: FindingLines): readonly string[] =>
  lines.map((line) => line.split(' ')[1] ?? '').sort();

describe('advisories matched by us and by Trivy', () => {
  let folder: string;
  let seeded: SeededDatabase;
  let database: AdvisoryDatabase;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-advisories-'));
    seeded = await seedDatabase({ stateDir: folder, boltFixtures: toolPath('bolt-fixtures') });
    database = await openAdvisoryDatabase(join(seeded.cacheDir, 'db'));
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(
    SYSTEM_IMAGES.map(
      (image) => [`${image.system.family} ${image.system.release}`, image] as const,
    ),
  )('agree on %s', async (_, { system, rows }) => {
    const sbom = systemSbom(system, rows);

    const theirs = await findingsOfTrivy(seeded.cacheDir, sbom);
    const ours = await findingsOfOurs(database, sbom);

    expect(ours).toEqual(theirs);
    expect(idsOf(ours)).toEqual(rows.flatMap(({ hits }) => hits).sort());
  });

  it('agree on the libraries of eight languages', async () => {
    const sbom = librarySbom(LIBRARY_ROWS);

    const theirs = await findingsOfTrivy(seeded.cacheDir, sbom);
    const ours = await findingsOfOurs(database, sbom);

    expect(ours).toEqual(theirs);
    expect(idsOf(ours)).toEqual(LIBRARY_ROWS.flatMap(({ hits }) => hits).sort());
  });
});
