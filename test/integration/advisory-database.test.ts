import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAdvisoryDatabase } from '../../src/adapters/trivy/advisory-database';
import { ReleaseError } from '../../src/contract/errors';
import type { Component } from '../../src/domain/advisories/component';
import type { Json } from '../../src/domain/verdict';
import { seedDatabase } from '../../src/local/seed/database';
import type { AdvisoryDatabase } from '../../src/ports/advisory-database';
import { Dice } from '../support/advisories/random-versions';
import { toolPath } from '../support/tools';

jest.setTimeout(120_000);

const PAGE = 4096;
const NPM = 'npm::GitHub Security Advisory Npm';
/** Enough for pages of pages, in the package and in the bucket. */
const MANY = 1_500;

const advisory = (fixed: string): Json => ({ VulnerableVersions: [`< ${fixed}`] });
const entry = (key: string, value: Json): Json => ({ key, value });
const bucket = (name: string, pairs: readonly Json[]): Json => ({ bucket: name, pairs });

function manyOf<T>(make: (index: number) => T): readonly T[] {
  return Array.from({ length: MANY }, (_, index) => make(index));
}

/** A database with small and large buckets, and with a value longer than a page. */
const CONTENT = {
  npm: bucket(NPM, [
    bucket(
      'linux',
      manyOf((index) => entry(`CVE-2001-${index}`, advisory('2.0.0'))),
    ),
    ...manyOf((index) => bucket(`package-${index}`, [entry('CVE-2002-1', advisory('2'))])),
  ]),
  debian: bucket('debian 12', [bucket('bash', [entry('CVE-2002-1', { Severity: 1, Status: 5 })])]),
  redHat: bucket('Red Hat', [
    bucket('bash', [
      entry('RHSA-2002:1', {
        Entries: [
          { FixedVersion: '1-1', Affected: [1], Cves: [{ ID: 'CVE-2002-1', Severity: 3 }] },
          { FixedVersion: '1-2', Affected: [2], Cves: [{ ID: 'CVE-2002-1', Severity: 4 }] },
        ],
      }),
    ]),
  ]),
  products: bucket('Red Hat CPE', [
    bucket('repository', [entry('baseos', [1])]),
    bucket('nvr', [entry('ubi-1-x86_64', [2])]),
  ]),
  sources: bucket('data-source', [
    entry(NPM, { ID: 'ghsa' }),
    entry('debian 12', { ID: 'debian' }),
  ]),
  vulnerabilities: bucket('vulnerability', [
    entry('CVE-2001-0', { VendorSeverity: { ghsa: 3, nvd: 1 }, Description: 'x'.repeat(50_000) }),
    entry('CVE-2002-1', { Severity: 'MEDIUM' }),
  ]),
};

/** Every package that CONTENT has, by what the matching of the component index asks with. */
const EVERYTHING: readonly Pick<Component, 'space' | 'name' | 'products'>[] = [
  { space: 'npm', name: 'linux', products: [] },
  ...manyOf((index) => ({ space: 'npm', name: `package-${index}`, products: [] })),
  { space: 'debian 12', name: 'bash', products: [] },
  { space: 'Red Hat', name: 'bash', products: ['baseos', 'ubi-1-x86_64'] },
];

describe("Trivy's database, read by us", () => {
  let folder: string;
  let file: string;
  let database: AdvisoryDatabase;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-bolt-'));
    const advisories = join(folder, 'advisories');
    await mkdir(advisories);
    await writeFile(join(advisories, 'all.yaml'), JSON.stringify(Object.values(CONTENT)));
    const boltFixtures = toolPath('bolt-fixtures');
    const { cacheDir } = await seedDatabase({ stateDir: folder, boltFixtures, advisories });
    const made = join(cacheDir, 'db');
    file = join(made, 'trivy.db');
    database = await openAdvisoryDatabase(made);
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('gives the advisories of a package, with the severity of their feed', async () => {
    const advisories = await database.advisoriesOf({ space: 'npm', name: 'linux', products: [] });

    expect(advisories).toHaveLength(MANY);
    expect(new Set(advisories.map(({ id }) => id)).size).toBe(MANY);
    expect(advisories.find(({ id }) => id === 'CVE-2001-0')).toEqual({
      id: 'CVE-2001-0',
      space: 'npm',
      name: 'linux',
      source: NPM,
      severity: 'HIGH',
      status: 'unknown',
      range: { kind: 'ranges', vulnerable: ['< 2.0.0'], patched: [], unaffected: [] },
    });
  });

  it('gives the rating and status of the package where a feed has them', async () => {
    const [one] = await database.advisoriesOf({ space: 'debian 12', name: 'bash', products: [] });

    expect(one).toMatchObject({ severity: 'LOW', status: 'will_not_fix', range: { fixed: null } });
  });

  it.each([
    ['a content set', ['baseos'], ['1-1']],
    ['a build', ['ubi-1-x86_64'], ['1-2']],
    ['both', ['baseos', 'ubi-1-x86_64'], ['1-1', '1-2']],
    ['nothing known', ['elsewhere'], ['1-1', '1-2']],
  ])('gives what is for the products of Red Hat: %s', async (_case, products, fixes) => {
    const advisories = await database.advisoriesOf({ space: 'Red Hat', name: 'bash', products });

    expect(advisories.map(({ range }) => range)).toEqual(
      fixes.map((fixed) => ({ kind: 'below', fixed, from: null, arches: null })),
    );
  });

  it.each([
    ['npm', 'left-pad'],
    ['npm', ''],
    ['cobol', 'linux'],
    ['vulnerability', 'CVE-2002-1'],
    ['Red Hat CPE', 'repository'],
  ])('has nothing on %s %s', async (space, name) => {
    await expect(database.advisoriesOf({ space, name, products: [] })).resolves.toEqual([]);
  });

  it('has an advisory on each of its packages', async () => {
    const found = await Promise.all(EVERYTHING.map((asked) => database.advisoriesOf(asked)));

    expect(found.findIndex((advisories) => advisories.length === 0)).toBe(-1);
  });

  it('has the digest and the time of the file', () => {
    expect(database.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(Date.parse(database.updatedAt)).toBeGreaterThan(Date.now() - 600_000);
  });

  describe('when it is damaged', () => {
    let bytes: Buffer;
    let copy: string;
    beforeAll(async () => {
      bytes = await readFile(file);
      copy = join(folder, 'damaged');
      await mkdir(copy);
      await copyFile(join(file, '..', 'metadata.json'), join(copy, 'metadata.json'));
    });

    /** Asks for every package, so that all of it is read; what that throws must be of the one kind that callers know. */
    async function readAll(damaged: Buffer): Promise<'read' | 'refused'> {
      await writeFile(join(copy, 'trivy.db'), damaged);
      try {
        const opened = await openAdvisoryDatabase(copy);
        try {
          for (const asked of EVERYTHING) {
            await opened.advisoriesOf(asked);
          }
        } finally {
          await opened.close();
        }
        return 'read';
      } catch (error) {
        expect(error).toBeInstanceOf(ReleaseError);
        expect(error).toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
        return 'refused';
      }
    }

    it.each([
      ['empty', 0],
      ['cut in its first page', 40],
      ['cut after its first page', PAGE],
      ['cut after its second', 2 * PAGE],
      ['cut in the middle', 50 * PAGE + 17],
    ])('by being %s, it is refused', async (_case, length) => {
      await expect(readAll(bytes.subarray(0, length))).resolves.toBe('refused');
    });

    it('in one of its two beginnings, it is read by the other', async () => {
      const first = Buffer.from(bytes).fill(0, 0, 100);
      const second = Buffer.from(bytes).fill(0, PAGE, PAGE + 100);
      const both = Buffer.from(first).fill(0, PAGE, PAGE + 100);

      // Which of them is the newest depends on how it was written; the other leads to an older state.
      expect([await readAll(first), await readAll(second)]).toContain('read');
      await expect(readAll(both)).resolves.toBe('refused');
    });

    it('by bytes that were turned, it is read or refused, and never read without an end', async () => {
      const dice = new Dice(7);
      const outcomes = new Set<string>();
      for (let round = 0; round < 60; round += 1) {
        const turned = Buffer.from(bytes);
        for (let count = 0; count < 4; count += 1) {
          // Mostly headers and the elements behind them, where a byte does the most.
          const page = dice.below(Math.floor(bytes.length / PAGE)) * PAGE;
          turned[page + dice.below(dice.chance(80) ? 64 : PAGE)] = dice.below(256);
        }
        outcomes.add(await readAll(turned));
      }

      expect(outcomes).toEqual(new Set(['read', 'refused']));
    });

    it('by a page that leads back to its own bucket, it is refused', async () => {
      const looping = Buffer.from(bytes);
      for (let page = 2; page < bytes.length / PAGE; page += 1) {
        // Every child of a branch page is made that page itself.
        const at = page * PAGE;
        for (
          let child = 0;
          bytes.readUInt16LE(at + 8) === 1 && child < bytes.readUInt16LE(at + 10);
          child += 1
        ) {
          looping.writeBigUInt64LE(BigInt(page), at + 16 + child * 16 + 8);
        }
      }

      await expect(readAll(looping)).resolves.toBe('refused');
    });
  });

  it('says so when it is asked after it was closed', async () => {
    const closed = await openAdvisoryDatabase(join(file, '..'));
    await closed.close();

    const asked = closed.advisoriesOf({ space: 'npm', name: 'linux', products: [] });
    await expect(asked).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
  });

  it('is refused when there is none', async () => {
    await expect(openAdvisoryDatabase(join(folder, 'absent'))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });
});
