import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdvisoryWatchActivities } from '../../activities/advisory-watch';
import { createRescanActivities, type RescanSliceInput } from '../../activities/rescan';
import { createScanActivities } from '../../activities/scan';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { openAdvisoryDatabase } from '../../src/adapters/trivy/advisory-database';
import { createTrivyScanner } from '../../src/adapters/trivy/scanner';
import { checkRelease } from '../../src/admission/verify/check-release';
import type { Digest } from '../../src/domain/digest';
import type { ImageRef } from '../../src/domain/reference';
import { seedDatabase, type SeededDatabase } from '../../src/local/seed/database';
import type { Registry } from '../../src/ports/registry';
import type { Finding, Scanner } from '../../src/ports/scanner';
import { SBOM_ARTIFACT_TYPE } from '../../src/ports/signer';
import { runActivity } from '../support/activity-env';
import {
  KINDS,
  TABLE_ADVISORIES,
  TABLE_IMAGES,
  writeTable,
  type TableImage,
} from '../support/advisory-table';
import { CATALOG, releaseStatus } from '../support/api-fixtures';
import { pin } from '../support/contracts/allow-list';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { openStores, type OpenStores } from '../support/registry-stores';
import { rescanSettings } from '../support/rescan-world';
import { sbomDocument } from '../support/sbom-documents';
import { toolPath } from '../support/tools';

jest.setTimeout(180_000);

interface Released extends ImageRef {
  readonly svc: string;
  readonly sbom: Buffer;
  readonly sbomDigest: Digest;
}

const RELEASED_AT = new Date(Date.now() - 3_600_000).toISOString();
const STABLE = { env: 'prod', tag: 'stable' } as const;
const SETTINGS = rescanSettings();

let folder: string;
let server: RegistryServer;
let postgres: PostgresServer;
let registry: Registry;
let ledger: PostgresLedger;
let stores: OpenStores;
let fakes: FakeDeps;
let images: readonly Released[];
let former: SeededDatabase;
let newest: SeededDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-impact-'));
  [server, postgres, fakes] = await Promise.all([
    startRegistry(),
    startPostgres(),
    createFakeDeps(),
  ]);
  const connectionString = await postgres.freshDatabase();
  stores = await openStores(connectionString);
  ledger = createPostgresLedger({ connectionString });
  registry = createOciRegistry({ url: server.url });
  const boltFixtures = toolPath('bolt-fixtures');
  former = await seedDatabase({ stateDir: join(folder, 'former'), boltFixtures });
  const advisories = await writeTable(join(folder, 'yaml'));
  newest = await seedDatabase({ stateDir: join(folder, 'newest'), boltFixtures, advisories });
  const released: Released[] = [];
  for (const image of TABLE_IMAGES) released.push(await release(image));
  images = released;
});

afterAll(async () => {
  await Promise.all([ledger.close(), stores.close()]);
  await Promise.all([server.stop(), postgres.stop(), rm(folder, { recursive: true, force: true })]);
});

/** In prod:stable, with an SBOM and the verdicts of its release; nobody knew of any vulnerability. */
async function release({ svc, system, parts }: TableImage): Promise<Released> {
  const repository = `apps/${svc}/web`;
  const layers = [Buffer.from(svc)];
  const digest = await pushTestImage(server.url, { repository, layers });
  const image = { repository, digest };
  const document = sbomDocument(`${repository}@${digest}`, system, parts);
  const sbom = Buffer.from(JSON.stringify(document));
  const type = { artifactType: SBOM_ARTIFACT_TYPE, mediaType: SBOM_ARTIFACT_TYPE };
  const attached = await registry.attach({
    subject: image,
    ...type,
    payload: sbom,
    annotations: {},
  });
  const releaseId = releaseIdOf(svc);
  const status = releaseStatus({ releaseId, svc, ...image, outcome: 'released' });
  await ledger.saveStatus(status, 'run-1', 1);
  const passed = { subject: digest, outcome: 'pass', reasons: [] } as const;
  const hash = `sha256:${createHash('sha256').update(sbom).digest('hex')}`;
  for (const verdict of [
    { ...passed, gate: 'sbom', evidence: { document: hash } },
    { ...passed, gate: 'scan', evidence: { database: { digest: 'sha256:former' }, refused: [] } },
    { ...passed, gate: 'signature', evidence: {} },
  ] as const) {
    await ledger.recordVerdict(releaseId, 'run-1', 'sha256:policy', verdict, RELEASED_AT);
  }
  await pin(ledger, digest, RELEASED_AT, STABLE, svc);
  return { svc, ...image, sbom, sbomDigest: attached.digest };
}

const releaseIdOf = (svc: string): string => `${svc}/1.0.0_abc1234`;

async function scannerOf(seeded: SeededDatabase): Promise<Scanner> {
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

/** Real registry, ledger, index, scanner and its database. */
async function partsWith(seeded: SeededDatabase): Promise<FakeDeps> {
  const { componentIndex, advisoryMatches, rescans } = stores;
  return Object.assign(Object.create(fakes) as FakeDeps, {
    ...{ registry, ledger, componentIndex, advisoryMatches, rescans },
    scanner: await scannerOf(seeded),
    openAdvisoryDatabase: () => openAdvisoryDatabase(join(seeded.cacheDir, 'db')),
  });
}

async function match(seeded: SeededDatabase): Promise<number> {
  const activities = createAdvisoryWatchActivities(await partsWith(seeded));
  const { scan } = SETTINGS;
  const input = { scan, database: null, after: null, limit: 1000 };
  return (await runActivity(activities, 'matchAdvisories', input)).appeared;
}

/** `CVE package severity fixed`, of an image. */
function lineOf(one: Pick<Finding, 'id' | 'severity' | 'fixedVersion' | 'purl'>): string {
  return [one.id, one.severity, one.fixedVersion, (one.purl ?? '').split('?')[0]].join(' ');
}

async function scanEach(): Promise<ReadonlyMap<Digest, readonly string[]>> {
  const scanner = await scannerOf(newest);
  const found = new Map<Digest, readonly string[]>();
  for (const { digest, sbom } of images) {
    found.set(digest, (await scanner.scanSbom(sbom)).findings.map(lineOf).sort());
  }
  return found;
}

it('indexes from the registry what was released before there was an index', async () => {
  const activities = createAdvisoryWatchActivities(await partsWith(former));

  const indexed = await runActivity(activities, 'indexComponents', { after: null, limit: 100 });

  expect(indexed).toEqual({ next: null, indexed: images.length, errors: [] });
  expect(await stores.componentIndex.counts()).toMatchObject({ missing: 0 });
  expect(await match(former)).toBe(0);
});

it('knows of every advisory of a new database what it hits, as trivy sbom on each image', async () => {
  await match(newest);
  const scanned = await scanEach();
  const known = new Map<Digest, string[]>(images.map(({ digest }) => [digest, []]));

  for (const id of TABLE_ADVISORIES) {
    const { digests } = await stores.advisoryMatches.impact({ kind: 'advisory', id }, 100);
    for (const { digest, components } of digests) {
      for (const { purl, severity, fixedVersion } of components) {
        known.get(digest)?.push(lineOf({ id, purl, severity: severity!, fixedVersion }));
      }
    }
  }

  const sorted = new Map([...known].map(([digest, lines]) => [digest, lines.sort()]));
  expect(sorted).toEqual(scanned);
  expect([...scanned.values()].flat().length).toBeGreaterThanOrEqual(50);
});

it('shows the same as what the database brought, and tells the cases', async () => {
  const activities = createAdvisoryWatchActivities(await partsWith(newest));
  const brought = await stores.advisoryMatches.impact({ kind: 'database' }, 100);

  const noted = await runActivity(
    { note: (_: null) => activities.noteAdvisoryCases() },
    'note',
    null,
  );

  const affected = images.filter(({ svc }) => svc !== 'clean').map(({ digest }) => digest);
  const told = fakes.advisoryCaseRuns.told;
  expect(brought.digests.map(({ digest }) => digest).sort()).toEqual([...affected].sort());
  expect(noted).toMatchObject({ told: KINDS.length * 12, errors: [] });
  expect(new Set(told.flatMap(({ hits }) => hits.map(({ digest }) => digest)))).toEqual(
    new Set(affected),
  );
});

it('has every affected image blocked at promotion and at admission, and no other', async () => {
  const deps = await partsWith(newest);
  const check = { ledger, verdictMaxAgeMs: 7 * 86_400_000, now: () => new Date() };
  const watch = createAdvisoryWatchActivities(deps);
  const before = await Promise.all(images.map((one) => checkRelease(check, one.svc, one)));
  const wasTouched = await runActivity(watch, 'hasTouched', { settings: SETTINGS });

  const rescanned = await runActivity(createRescanActivities(deps), 'rescanSlice', touchedFirst());

  const refused = new Map<string, readonly string[]>();
  for (const one of images) {
    const { faults } = await checkRelease(check, one.svc, one);
    const verdict = await promote(deps, one);
    const gated = verdict.outcome === 'fail';
    expect([one.svc, faults.length > 0, gated]).toEqual([
      one.svc,
      one.svc !== 'clean',
      one.svc !== 'clean',
    ]);
    const newestScan = await ledger.newestScan(one.svc, one.digest);
    const evidence = newestScan?.verdict.evidence as { readonly refused: readonly string[] };
    refused.set(one.svc, evidence.refused);
  }
  expect(before.flatMap(({ faults }) => faults)).toEqual([]);
  expect(wasTouched).toBe(true);
  // What is not hit was not scanned: its verdict stands.
  expect(rescanned).toMatchObject({ looked: KINDS.length, scanned: KINDS.length, errors: [] });
  expect([...refused.values()].flat()).toHaveLength(KINDS.length * 12);
  expect(await runActivity(watch, 'hasTouched', { settings: SETTINGS })).toBe(false);
});

function touchedFirst(): RescanSliceInput {
  const runStartedAt = new Date().toISOString();
  return { settings: SETTINGS, target: null, running: [], runStartedAt, after: null };
}

function promote(
  deps: FakeDeps,
  one: Released,
): ReturnType<ReturnType<typeof createScanActivities>['scanImage']> {
  const service = { ...CATALOG[0]!, svc: one.svc, name: 'web' };
  return runActivity(createScanActivities(deps), 'scanImage', {
    release: { releaseId: releaseIdOf(one.svc), svc: one.svc, policyHash: 'sha256:policy' },
    service,
    digest: one.digest,
    sbomDigest: one.sbomDigest,
    policy: SETTINGS.scan,
  });
}
