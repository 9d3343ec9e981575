import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDatabaseMirrorActivities,
  type DatabaseMirrorActivities,
  type MirrorResult,
} from '../../activities/database-mirror';
import { signatureStatement } from '../../activities/bundles';
import { ensureKeys } from '../../src/adapters/kms/ensure-keys';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { createOciContent } from '../../src/adapters/oci/content';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { sha256 } from '../../src/adapters/oci/schema';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import {
  createMirroredFolder,
  type MirroredFolder,
  type MirroredFolderOptions,
} from '../../src/adapters/trivy/mirrored-folder';
import type { TrivyOptions } from '../../src/adapters/trivy/options';
import { createScanDatabases } from '../../src/adapters/trivy/scan-databases';
import { createTrivyScanner } from '../../src/adapters/trivy/scanner';
import { DATABASE_LAYOUTS, type DatabaseKind } from '../../src/domain/advisories/database-mirror';
import type { Digest } from '../../src/domain/digest';
import { seedDatabase } from '../../src/local/seed/database';
import type { Registry } from '../../src/ports/registry';
import type { Scanner } from '../../src/ports/scanner';
import { BUNDLE_ARTIFACT_TYPE, KEY_IDS, type Signer } from '../../src/ports/signer';
import { quietEnvironment } from '../support/activity-env';
import { testPolicy } from '../support/builders';
import { databaseLayer, publishDatabase } from '../support/database-artifact';
import { createFakeDatabaseMirrors } from '../support/fakes/database-mirrors';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { javaDatabase, layerWith, namelessJar, type KnownJar } from '../support/java-database';
import { containing } from '../support/matchers';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';

jest.setTimeout(120_000);

const SOURCE = 'aquasecurity/trivy-db';
const JAVA_SOURCE = 'aquasecurity/trivy-java-db';
const { repository: MIRROR, tag: TAG } = DATABASE_LAYOUTS.vulnerabilities;
const HOUR_MS = 3_600_000;
const QS = {
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
  components: [
    {
      ...{ 'bom-ref': 'qs', type: 'library', name: 'qs', version: '6.5.2' },
      purl: 'pkg:npm/qs@6.5.2',
      properties: [{ name: 'aquasecurity:trivy:PkgType', value: 'node-pkg' }],
    },
  ],
};

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

describe('the mirror of the scanner’s database', () => {
  let folder: string;
  let source: RegistryServer;
  let backend: RegistryServer;
  let gateway: GatewayServer;
  let registry: Registry;
  let signer: Signer;
  let database: Buffer;
  let empty: Buffer;
  let options: TrivyOptions;
  let mirrored: MirroredFolder;
  let scanner: Scanner;
  let activities: DatabaseMirrorActivities;
  const problems: unknown[] = [];
  const mirrors = createFakeDatabaseMirrors();

  /** As another start of a worker on the same folder. */
  function folderOf(name: string, over: Partial<MirroredFolderOptions> = {}): MirroredFolder {
    return createMirroredFolder({
      ...{ registry, signer, log: false, kinds: ['vulnerabilities'], refreshMs: 0 },
      ...{ maxAgeMs: 24 * HOUR_MS, patienceMs: 0 },
      cacheDir: join(folder, name),
      onProblem: (error) => problems.push(error),
      ...over,
    });
  }

  async function fileOf(name: string, advisories?: string): Promise<Buffer> {
    const stateDir = join(folder, name);
    const seeded = await seedDatabase({
      ...{ stateDir, boltFixtures: toolPath('bolt-fixtures') },
      ...(advisories !== undefined && { advisories }),
    });
    return readFile(join(seeded.cacheDir, 'db', 'trivy.db'));
  }

  async function emptyFile(): Promise<Buffer> {
    const advisories = await mkdtemp(join(folder, 'advisories-'));
    await writeFile(join(advisories, 'none.yaml'), '- bucket: vulnerability\n  pairs: []\n');
    return fileOf('empty', advisories);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-mirror-test-'));
    [source, backend] = await Promise.all([startRegistry(), startRegistry()]);
    const scopes = [{ repositories: 'mirror/**', actions: ['pull', 'push'] as const }];
    gateway = await startGateway({
      backendUrl: backend.url,
      robots: [{ name: 'custodian', kind: 'custodian', scopes }],
    });
    const login = {
      url: gateway.url,
      credentials: { username: 'custodian', password: gateway.secret('custodian') },
    };
    registry = createOciRegistry(login);
    const dir = join(folder, 'keys');
    await ensureKeys(dir, { signing: [KEY_IDS.bases], mac: [] });
    signer = createSigstoreSigner({ kms: createFileKeyManagement({ dir }) });
    [database, empty] = [await fileOf('state'), await emptyFile()];
    options = {
      ...{ trivy: toolPath('trivy'), cacheDir: join(folder, 'nowhere'), insecure: true },
      ...{ registryHost: gateway.host, timeoutMs: 60_000, canaryId: 'CVE-2021-44228' },
      canarySbom: await readFile(join(__dirname, '../../src/local/advisories/canary.cdx.json')),
    };
    mirrored = folderOf('cache');
    scanner = createTrivyScanner({ ...options, folder: mirrored });
    const from = createOciRegistry({ url: source.url });
    activities = createDatabaseMirrorActivities({
      ...{ registry, signer, databaseMirrors: mirrors, now: () => new Date() },
      content: createOciContent({ read: login, write: login }),
      databaseSources: [
        {
          ...{ registry: from, kind: 'vulnerabilities', repository: SOURCE, reference: '2' },
          name: `registry.example/${SOURCE}:2`,
        },
        {
          ...{ registry: from, kind: 'java', repository: JAVA_SOURCE, reference: '1' },
          name: `registry.example/${JAVA_SOURCE}:1`,
        },
      ],
      policy: testPolicy({ signing: { transparencyLog: 'off' } }),
      scanDatabases: createScanDatabases(options, mirrored),
      startAdvisoryWatch: () => Promise.resolve(true),
    });
  });

  afterAll(async () => {
    await gateway.close();
    await Promise.all([source.stop(), backend.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const mirror = (kind: DatabaseKind = 'vulnerabilities'): Promise<MirrorResult> =>
    quietEnvironment().run(() => activities.mirrorDatabase({ kind }));

  async function publish(file: Buffer, updatedAt: string, over: object = {}): Promise<Digest> {
    const layer = await databaseLayer(folder, { database: file, updatedAt });
    return publishDatabase(source.url, { repository: SOURCE, layer, over });
  }

  const tagged = async (): Promise<string | undefined> =>
    (await registry.resolve(MIRROR, TAG))?.digest;

  it('has nothing to scan with before the first', async () => {
    await expect(scanner.describeDatabase()).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
      message: containing(`there is no ${MIRROR}:${TAG}`),
    });
  });

  it('brings it through the gateway, signed, and what was mirrored scans', async () => {
    const updatedAt = hoursAgo(5);
    const digest = await publish(database, updatedAt);

    const result = await mirror();
    const again = await mirror();

    expect(result).toMatchObject({
      kind: 'mirrored',
      database: { digest, repository: MIRROR, updatedAt, fileDigest: sha256(database) },
    });
    expect(again.kind).toBe('unchanged');
    expect(await tagged()).toBe(digest);
    expect(await registry.listReferrers({ repository: MIRROR, digest })).toHaveLength(1);
    expect(await scanner.describeDatabase()).toEqual({
      digest: sha256(database),
      updatedAt,
      canaryFound: true,
    });
    const { findings } = await scanner.scanSbom(Buffer.from(JSON.stringify(QS)));
    expect(findings.map(({ id }) => id)).toContain('CVE-2022-24999');
  });

  it.each([
    ['empty', () => publish(empty, hoursAgo(4)), 'canary'],
    ['older', () => publish(database, hoursAgo(50)), 'older than what is here'],
    ['dated ahead', () => publish(database, hoursAgo(-5)), 'ahead of now'],
    ['no database at all', () => publish(Buffer.from('not bolt'), hoursAgo(4)), ''],
    [
      'an image',
      () => publish(database, hoursAgo(4), { artifactType: 'image' }),
      'Its type is image',
    ],
    ['without a layer', () => publish(database, hoursAgo(4), { layers: [] }), '0 layers'],
  ])('refuses one that is %s, and ours stays', async (_name, push, why) => {
    const before = await tagged();
    await push();

    const result = await mirror().catch((error: unknown) => error);

    expect(result).toMatchObject(
      why === '' ? { code: 'SCANNER_UNAVAILABLE' } : { kind: 'refused', reason: containing(why) },
    );
    expect(await tagged()).toBe(before);
    expect(await scanner.describeDatabase()).toMatchObject({ canaryFound: true });
  });

  it('refuses a layer that would write elsewhere', async () => {
    const extra = [{ path: '../evil', mode: 0o644, content: Buffer.from('x') }];
    const layer = await databaseLayer(folder, { database, updatedAt: hoursAgo(4), extra });
    await publishDatabase(source.url, { repository: SOURCE, layer });

    expect(await mirror()).toMatchObject({ kind: 'refused', reason: containing('it holds') });
  });

  it('takes a newer one at once, while who scans with the old ends with it', async () => {
    const held = await mirrored.hold();
    const before = await readdir(held.cacheDir);
    const updatedAt = hoursAgo(1);
    const digest = await publish(database, updatedAt);

    expect(await mirror()).toMatchObject({ kind: 'mirrored' });
    expect(await scanner.describeDatabase()).toMatchObject({ updatedAt });
    const now = await mirrored.hold();
    expect(now.cacheDir).toContain(digest.slice(7));
    expect(now.cacheDir).not.toBe(held.cacheDir);
    expect(await readdir(held.cacheDir)).toEqual(before);
    held.release();
    now.release();
  });

  it('never scans with what the custodian did not sign as a database', async () => {
    const known = await scanner.describeDatabase();
    const layer = await databaseLayer(folder, { database, updatedAt: hoursAgo(0) });
    const unsigned = await publishDatabase(backend.url, { repository: MIRROR, layer });
    problems.length = 0;

    expect(await scanner.describeDatabase()).toEqual(known);
    expect(problems).toMatchObject([{ message: containing('is not signed as a database') }]);
    // Neither does the signature that it gives to bases make it one.
    const image = { repository: MIRROR, digest: unsigned };
    await registry.attach({
      ...{ subject: image, artifactType: BUNDLE_ARTIFACT_TYPE, mediaType: BUNDLE_ARTIFACT_TYPE },
      payload: await signer.sign(KEY_IDS.bases, signatureStatement(unsigned), false),
      annotations: {},
    });
    expect(await scanner.describeDatabase()).toEqual(known);
    await expect(folderOf('fresh').hold()).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
  });

  it('never goes back to an older one that is signed, also not after a restart', async () => {
    const [newest, older] = await mirrors.list(2);
    const image = { repository: MIRROR, digest: older?.digest ?? newest!.digest };
    await registry.putTag(image, TAG);
    problems.length = 0;

    expect(await scanner.describeDatabase()).toMatchObject({ updatedAt: newest?.updatedAt });
    expect(problems).toMatchObject([{ message: containing('older than') }]);
    await expect(folderOf('cache').hold()).rejects.toMatchObject({ message: containing('older') });
    await registry.putTag({ repository: MIRROR, digest: newest!.digest }, TAG);
  });

  it('takes what lies in its folder only when it is what was signed', async () => {
    const { cacheDir, release } = await mirrored.hold();
    release();
    await writeFile(join(cacheDir, 'db', 'trivy.db'), empty);
    const restarted = folderOf('cache');
    const held = await restarted.hold();

    expect(sha256(await readFile(join(held.cacheDir, 'db', 'trivy.db')))).toBe(sha256(database));
    held.release();
  });

  it('waits at its start for the mirror rather than go by one that grew old meanwhile', async () => {
    let passedMs = 0;
    const clock = (): number => passedMs;
    const late = folderOf('cache', { maxAgeMs: HOUR_MS / 2, patienceMs: 60_000, clock });

    await expect(late.hold()).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
      message: containing('the mirror is only now asked'),
    });
    // None came: the policy says what becomes of it.
    passedMs = 60_000;
    (await late.hold()).release();
  });

  it('tells jar files apart by the one for Java, which is mirrored likewise', async () => {
    const jar = namelessJar('log4j-core 2.14.1, as far as anybody knows');
    const repository = 'apps/shop/web';
    const layers = [await layerWith('app/app.jar', jar)];
    const image = { repository, digest: await pushTestImage(source.url, { repository, layers }) };
    const kinds = ['vulnerabilities', 'java'] as const;
    const both = folderOf('both', { kinds });
    const scan = async (from: MirroredFolder): Promise<readonly string[]> => {
      const java = createTrivyScanner({ ...options, registryHost: source.host, folder: from });
      const { findings } = await java.scanSbom(await java.generateSbom(image));
      return findings.map(({ id }) => id);
    };
    const known = { group: 'org.apache.logging.log4j', artifact: 'log4j-core', version: '2.14.1' };
    const publishJava = async (updatedAt: string, jars: readonly KnownJar[]): Promise<Digest> => {
      const file = await javaDatabase(folder, jars);
      const layer = await databaseLayer(folder, { kind: 'java', database: file, updatedAt });
      return publishDatabase(source.url, { repository: JAVA_SOURCE, kind: 'java', layer });
    };

    const without = await scan(mirrored).catch((error: unknown) => error);
    await publishJava(hoursAgo(3), [{ ...known, jar: namelessJar('another') }]);
    const first = await mirror('java');
    const unknown = await scan(both);
    const digest = await publishJava(hoursAgo(2), [{ ...known, jar }]);
    const second = await mirror('java');
    const found = await scan(both);

    expect(without).toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
    expect([first, second]).toMatchObject([
      { kind: 'mirrored' },
      { kind: 'mirrored', database: { digest, repository: DATABASE_LAYOUTS.java.repository } },
    ]);
    expect(unknown).toEqual([]);
    expect(found).toEqual(['CVE-2021-44228']);
  });

  it('keeps a set that comes back while scans hold it, and sweeps what a broken start left', async () => {
    const root = join(folder, 'again', 'mirror');
    const left = join(root, '.work-broken');
    await mkdir(left, { recursive: true });
    await utimes(left, new Date(0), new Date(0));
    const again = folderOf('again');
    const held = await again.hold();
    const one = (await tagged()) as Digest;
    const { updatedAt } = await scanner.describeDatabase();
    const other = await publish(database, updatedAt, { annotations: { again: 'yes' } });
    await mirror();
    for (const digest of [other, one, other, one]) {
      await registry.putTag({ repository: MIRROR, digest }, TAG);
      await again.refresh();
    }

    expect(await readdir(held.cacheDir)).toContain('db');
    expect(await readdir(root)).toHaveLength(2);
  });

  it('goes on with what it has while the registry is away', async () => {
    const known = await scanner.describeDatabase();
    await mkdir(join(folder, 'away'), { recursive: true });
    await backend.kill();

    expect(await scanner.describeDatabase()).toEqual(known);
    await expect(folderOf('away').hold()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    await backend.restart();
  });
});
