import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src/adapters/oci/schema';
import { createTrivyScanner } from '../../src/adapters/trivy/scanner';
import type { ImageRef } from '../../src/domain/reference';
import { judgeScan } from '../../src/domain/scan-gate';
import type { Verdict } from '../../src/domain/verdict';
import { seedDatabase, type SeededDatabase } from '../../src/local/seed/database';
import { writeLayer, type LayerEntry } from '../../src/local/seed/tar-layer';
import type { Scanner } from '../../src/ports/scanner';
import { describeScannerContract } from '../support/contracts/scanner';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';

jest.setTimeout(120_000);

const policy = {
  databaseMaxAgeMs: 24 * 3_600_000,
  critical: 0,
  high: 0,
  medium: 'exception',
  unknown: 'fail',
} as const;

describe('Trivy', () => {
  let folder: string;
  let server: RegistryServer;
  let database: SeededDatabase;
  let scanner: Scanner;
  let vulnerable: ImageRef;
  let clean: ImageRef;

  async function scannerOn(seeded: SeededDatabase): Promise<Scanner> {
    return createTrivyScanner({
      trivy: toolPath('trivy'),
      cacheDir: seeded.cacheDir,
      registryHost: server.host,
      insecure: true,
      timeoutMs: 60_000,
      canarySbom: await readFile(seeded.canarySbomFile),
      canaryId: seeded.canaryId,
    });
  }

  async function pushPackage(name: string, version: string): Promise<ImageRef> {
    const entries: LayerEntry[] = [
      { path: 'assets', mode: 0o755 },
      {
        path: `assets/node_modules/${name}/package.json`,
        mode: 0o644,
        content: Buffer.from(JSON.stringify({ name, version })),
      },
    ];
    const file = join(folder, `${name}-${version}.tar.gz`);
    await writeLayer(entries, file);
    const repository = `apps/scanned/${name}`;
    const layer = await readFile(file);
    return { repository, digest: await pushTestImage(server.url, { repository, layers: [layer] }) };
  }

  async function seedIn(name: string, extra: object = {}): Promise<SeededDatabase> {
    const stateDir = join(folder, name);
    return seedDatabase({ stateDir, boltFixtures: toolPath('bolt-fixtures'), ...extra });
  }

  async function judge(with_: Scanner, image: ImageRef): Promise<Verdict> {
    const report = await with_.scanSbom(await with_.generateSbom(image));
    return judgeScan({
      subject: image.digest,
      svc: 'scanned',
      ...report,
      database: await with_.describeDatabase(),
      exceptions: [],
      policy,
      now: new Date().toISOString(),
    });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-trivy-'));
    server = await startRegistry();
    database = await seedIn('state');
    scanner = await scannerOn(database);
    vulnerable = await pushPackage('qs', '6.5.2');
    clean = await pushPackage('qs', '6.13.0');
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describeScannerContract('Trivy', () => ({ scanner, vulnerable }));

  it('stops an image with a High vulnerability and names it', async () => {
    const verdict = await judge(scanner, vulnerable);

    expect(verdict.outcome).toBe('fail');
    expect(verdict.reasons).toEqual([
      expect.stringMatching(/CVE-2022-24999 \(HIGH\) in qs 6\.5\.2/),
    ]);
  });

  it('lets an image with the repaired package pass', async () => {
    await expect(judge(scanner, clean)).resolves.toMatchObject({ outcome: 'pass', reasons: [] });
  });

  it('cannot judge by an old database, though Trivy itself is silent', async () => {
    const updatedAt = new Date(Date.now() - 48 * 3_600_000);
    const old = await scannerOn(await seedIn('old', { updatedAt }));

    const verdict = await judge(old, clean);

    expect(verdict.outcome).toBe('error');
    expect(verdict.reasons).toEqual([expect.stringContaining('48.0 h old')]);
  });

  it('cannot judge by an empty database, though Trivy itself is silent', async () => {
    const advisories = await mkdtemp(join(folder, 'advisories-'));
    await writeFile(join(advisories, 'none.yaml'), '- bucket: vulnerability\n  pairs: []\n');
    const empty = await scannerOn(await seedIn('empty', { advisories }));

    const verdict = await judge(empty, vulnerable);

    expect(verdict.outcome).toBe('error');
    expect(verdict.reasons).toEqual([expect.stringContaining('canary')]);
  });

  it('says so when there is no database', async () => {
    const absent = await scannerOn({ ...database, cacheDir: join(folder, 'absent') });

    await expect(absent.describeDatabase()).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
    await expect(absent.scanSbom(Buffer.from('{}'))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });

  it('says so when the image cannot be fetched', async () => {
    const image: ImageRef = { repository: 'apps/a/a', digest: `sha256:${'0'.repeat(64)}` };

    await expect(scanner.generateSbom(image)).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });

  it('scans several images at once', async () => {
    const sbom = await scanner.generateSbom(vulnerable);

    const reports = await Promise.all([1, 2, 3, 4].map(() => scanner.scanSbom(sbom)));

    expect(reports.map((report) => report.findings.length)).toEqual([1, 1, 1, 1]);
  });

  it('keeps the digest of the database when it is seeded again, and knows a new one', async () => {
    const seeded = await seedIn('again');
    const again = await scannerOn(seeded);
    const first = await again.describeDatabase();

    await seedIn('again');
    const second = await again.describeDatabase();
    const file = join(seeded.cacheDir, 'db', 'trivy.db');
    const held = await readFile(file);
    await writeFile(file, Buffer.alloc(0));
    const third = await again.describeDatabase().catch((error: unknown) => error);

    expect(second.digest).toBe(first.digest);
    expect(first.digest).toBe(sha256(held));
    expect(third).not.toMatchObject({ canaryFound: true });
  });
});
