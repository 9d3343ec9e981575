import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAdvisoryDatabase } from '../../src/adapters/trivy/advisory-database';
import { seedDatabase } from '../../src/local/seed/database';
import { findingsOfOurs, findingsOfTrivy } from '../support/advisories/findings';
import { FUZZ_SUBJECTS, writeFuzzCase, type FuzzSubject } from '../support/advisories/fuzz';
import { toolPath } from '../support/tools';

/** Databases of each language and distribution; set PLURA_ADVISORY_FUZZ for a long run. */
const ROUNDS = Number(process.env['PLURA_ADVISORY_FUZZ'] ?? '1');

jest.setTimeout(60_000 * (1 + ROUNDS));

describe('random advisories and versions matched by us and by Trivy', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-fuzz-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** Comparisons that were made, and findings of either that the other lacks. */
  async function compare(
    subject: FuzzSubject,
    seed: number,
  ): Promise<{ readonly comparisons: number; readonly findings: number; readonly differing: readonly string[] }> {
    const stateDir = join(folder, `${subject.image instanceof Object ? subject.image.family : subject.image}-${seed}`);
    const advisories = join(stateDir, 'advisories');
    const { sbom, comparisons } = await writeFuzzCase(advisories, subject, seed);
    const boltFixtures = toolPath('bolt-fixtures');
    const { cacheDir } = await seedDatabase({ stateDir, boltFixtures, advisories });
    const database = await openAdvisoryDatabase(join(cacheDir, 'db'));
    try {
      const theirs = await findingsOfTrivy(cacheDir, sbom);
      const ours = await findingsOfOurs(database, sbom);
      const differing = [
        ...ours.filter((line) => !theirs.includes(line)).map((line) => `only ours: ${line}`),
        ...theirs.filter((line) => !ours.includes(line)).map((line) => `only Trivy's: ${line}`),
      ];
      return { comparisons, findings: theirs.length, differing };
    } finally {
      await database.close();
      await rm(stateDir, { recursive: true, force: true });
    }
  }

  it.each(FUZZ_SUBJECTS.map((subject) => [subject.name, subject] as const))(
    'agree on %s',
    async (_name, subject) => {
      let comparisons = 0;
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const round = await compare(subject, seed);

        expect({ seed, differing: round.differing.slice(0, 20) }).toEqual({ seed, differing: [] });
        expect(round.findings).toBeGreaterThan(100);
        comparisons += round.comparisons;
      }
      if (ROUNDS > 1) {
        process.stdout.write(`${subject.name}: ${comparisons} comparisons\n`);
      }
    },
  );
});
