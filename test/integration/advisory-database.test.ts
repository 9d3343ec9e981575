import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAdvisoryDatabase } from '../../src/adapters/trivy/advisory-database';
import { ReleaseError } from '../../src/contract/errors';
import type { PackageKey } from '../../src/domain/advisories/component';
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

function manyOf(count: number, make: (index: number) => Json): readonly Json[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function npmBucket(linuxFix: string): Json {
  return bucket(NPM, [
    bucket(
      'linux',
      manyOf(MANY, (index) => entry(`CVE-2001-${index}`, advisory(linuxFix))),
    ),
    ...manyOf(MANY, (index) => bucket(`package-${index}`, [entry('CVE-2002-1', advisory('2'))])),
  ]);
}

/** A database with small and large buckets, and with a value longer than a page. */
const CONTENT = {
  npm: npmBucket('2.0.0'),
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

describe("Trivy's database, read by us", () => {
  let folder: string;
  let file: string;
  let database: AdvisoryDatabase;

  /** The folder of a database made from these buckets. */
  async function make(name: string, content: Readonly<Record<string, Json>>): Promise<string> {
    const advisories = join(folder, name, 'advisories');
    await mkdir(advisories, { recursive: true });
    await writeFile(join(advisories, 'all.yaml'), JSON.stringify(Object.values(content)));
    const boltFixtures = toolPath('bolt-fixtures');
    const stateDir = join(folder, name);
    return join((await seedDatabase({ stateDir, boltFixtures, advisories })).cacheDir, 'db');
  }

  async function changes(before: AdvisoryDatabase | null, after: string): Promise<PackageKey[]> {
    const opened = await openAdvisoryDatabase(after);
    try {
      const found: PackageKey[] = [];
      for await (const one of opened.changedSince(before)) {
        found.push(one);
      }
      return found;
    } finally {
      await opened.close();
    }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-bolt-'));
    const made = await make('made', CONTENT);
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

  it('finds the packages of a vulnerability, in feeds of every kind', async () => {
    const packages = await database.packagesOf('CVE-2002-1');

    expect(packages).toHaveLength(MANY + 2);
    expect(packages).toContainEqual({ space: 'Red Hat', name: 'bash' });
    expect(packages).toContainEqual({ space: 'npm', name: 'package-1499' });
    await expect(database.packagesOf('CVE-2001-1499')).resolves.toEqual([
      { space: 'npm', name: 'linux' },
    ]);
  });

  it('finds nothing changed in a copy, and in one with other descriptions only', async () => {
    const vulnerabilities = bucket('vulnerability', [
      entry('CVE-2001-0', { VendorSeverity: { nvd: 1, ghsa: 3 }, Description: 'y' }),
      entry('CVE-2002-1', { Severity: 'MEDIUM' }),
    ]);

    const copy = await changes(database, await make('copy', CONTENT));
    const told = await changes(database, await make('told', { ...CONTENT, vulnerabilities }));

    expect(copy).toEqual([]);
    expect(told).toEqual([]);
  });

  it('tells which packages came, went, or have other advisories', async () => {
    const { npm, redHat, products, sources, vulnerabilities } = CONTENT;
    const without = { npm, redHat, products, sources, vulnerabilities };
    const linux = { ...CONTENT, npm: npmBucket('2.0.1') };
    const debian = bucket('debian 12', [
      bucket('bash', [entry('CVE-2002-1', { Severity: 1, Status: 5 })]),
      bucket('curl', [entry('CVE-2002-2', { FixedVersion: '2' })]),
    ]);

    const changed = await changes(database, await make('linux', linux));
    const came = await changes(database, await make('came', { ...CONTENT, debian }));
    const went = await changes(database, await make('went', without));

    expect(changed).toEqual([{ space: 'npm', name: 'linux' }]);
    expect(came).toEqual([{ space: 'debian 12', name: 'curl' }]);
    expect(went).toEqual([{ space: 'debian 12', name: 'bash' }]);
  });

  it('tells of every package with a vulnerability that is rated otherwise', async () => {
    const vulnerabilities = bucket('vulnerability', [
      entry('CVE-2001-0', { VendorSeverity: { nvd: 1, ghsa: 3 } }),
      entry('CVE-2002-1', { Severity: 'HIGH' }),
    ]);

    const changed = await changes(database, await make('rated', { ...CONTENT, vulnerabilities }));

    // Not of Red Hat's, which rates it itself.
    expect(changed).toHaveLength(MANY + 1);
    expect(changed).not.toContainEqual({ space: 'Red Hat', name: 'bash' });
  });

  it('tells of all of a feed that another source rates, and of Red Hat when its products change', async () => {
    const sources = bucket('data-source', [
      entry(NPM, { ID: 'ghsa' }),
      entry('debian 12', { ID: 'other' }),
    ]);
    const products = bucket('Red Hat CPE', [bucket('repository', [entry('baseos', [2])])]);

    const changed = await changes(
      database,
      await make('sources', { ...CONTENT, sources, products }),
    );

    expect(changed).toEqual([
      { space: 'Red Hat', name: 'bash' },
      { space: 'debian 12', name: 'bash' },
    ]);
  });

  it('tells of all packages when there is none before, each once', async () => {
    const all = await changes(null, join(file, '..'));

    expect(all).toHaveLength(MANY + 3);
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(all.length);
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

    /** Reads all of it; what it throws must be of the one kind that callers know. */
    async function readAll(damaged: Buffer): Promise<'read' | 'refused'> {
      await writeFile(join(copy, 'trivy.db'), damaged);
      try {
        const opened = await openAdvisoryDatabase(copy);
        try {
          await opened.advisoriesOf({ space: 'npm', name: 'linux', products: [] });
          await opened.packagesOf('CVE-2002-1');
          for await (const one of opened.changedSince(null)) {
            expect(one.space).toEqual(expect.any(String));
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

    await expect(closed.packagesOf('CVE-2002-1')).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });

  it('is refused when there is none', async () => {
    await expect(openAdvisoryDatabase(join(folder, 'absent'))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });
});
