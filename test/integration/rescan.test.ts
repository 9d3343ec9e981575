import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRescanActivities,
  type RescanSliceInput,
  type RescanSliceResult,
} from '../../activities/rescan';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { createRiskListFiles } from '../../src/adapters/risk-lists/files';
import { createTrivyScanner } from '../../src/adapters/trivy/scanner';
import { checkRelease } from '../../src/admission/verify/check-release';
import type { ImageRef } from '../../src/domain/reference';
import { seedDatabase } from '../../src/local/seed/database';
import { writeLayer } from '../../src/local/seed/tar-layer';
import type { Registry } from '../../src/ports/registry';
import type { Scanner } from '../../src/ports/scanner';
import { SBOM_ARTIFACT_TYPE } from '../../src/ports/signer';
import { quietEnvironment } from '../support/activity-env';
import { releaseStatus } from '../support/api-fixtures';
import { pin } from '../support/contracts/allow-list';
import { createFakeRollout } from '../support/fakes/rollout';
import { createFakeSigner } from '../support/fakes/signer';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { openStores, type OpenStores } from '../support/registry-stores';
import { rescanSettings } from '../support/rescan-world';
import { toolPath } from '../support/tools';

jest.setTimeout(120_000);

const REPOSITORY = 'apps/shop/web';
const RELEASE = 'shop/1.0.0_abc1234';
const LONG_AGO = new Date(Date.now() - 8 * 86_400_000).toISOString();

let folder: string;
let server: RegistryServer;
let postgres: PostgresServer;
let registry: Registry;
let scanner: Scanner;
let ledger: PostgresLedger;
let stores: OpenStores;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-rescan-'));
  [server, postgres] = await Promise.all([startRegistry(), startPostgres()]);
  const database = await postgres.freshDatabase();
  stores = await openStores(database);
  ledger = createPostgresLedger({ connectionString: database });
  registry = createOciRegistry({ url: server.url });
  const boltFixtures = toolPath('bolt-fixtures');
  const seeded = await seedDatabase({ stateDir: folder, boltFixtures });
  scanner = createTrivyScanner({
    trivy: toolPath('trivy'),
    cacheDir: seeded.cacheDir,
    registryHost: server.host,
    insecure: true,
    timeoutMs: 60_000,
    canarySbom: await readFile(seeded.canarySbomFile),
    canaryId: seeded.canaryId,
  });
});

afterAll(async () => {
  await Promise.all([ledger.close(), stores.close()]);
  await Promise.all([server.stop(), postgres.stop(), rm(folder, { recursive: true, force: true })]);
});

/** Released eight days ago, when nobody knew of its vulnerability. */
async function releaseVulnerable(): Promise<ImageRef> {
  const file = join(folder, 'layer.tar.gz');
  const content = Buffer.from(JSON.stringify({ name: 'qs', version: '6.5.2' }));
  const path = 'assets/node_modules/qs/package.json';
  await writeLayer([{ path, mode: 0o644, content }], file);
  const layers = [await readFile(file)];
  const digest = await pushTestImage(server.url, { repository: REPOSITORY, layers });
  const image = { repository: REPOSITORY, digest };
  const payload = await scanner.generateSbom(image);
  const type = { artifactType: SBOM_ARTIFACT_TYPE, mediaType: SBOM_ARTIFACT_TYPE };
  await registry.attach({ subject: image, ...type, payload, annotations: {} });
  const status = { releaseId: RELEASE, svc: 'shop', ...image, outcome: 'released' } as const;
  await ledger.saveStatus(releaseStatus(status), 'run-1', 1);
  const document = `sha256:${createHash('sha256').update(payload).digest('hex')}`;
  const passed = { subject: digest, outcome: 'pass', reasons: [] } as const;
  const verdicts = [
    { ...passed, gate: 'sbom', evidence: { document } },
    { ...passed, gate: 'scan', evidence: { database: { digest: 'sha256:old' }, refused: [] } },
    { ...passed, gate: 'signature', evidence: {} },
  ] as const;
  for (const verdict of verdicts) {
    await ledger.recordVerdict(RELEASE, 'run-1', 'sha256:policy', verdict, LONG_AGO);
  }
  await pin(ledger, digest, LONG_AGO);
  return image;
}

async function rescan(): Promise<RescanSliceResult> {
  const { advisoryMatches, rescans } = stores;
  const rollout = createFakeRollout();
  const signer = createFakeSigner();
  const riskLists = createRiskListFiles({ kevFile: null, epssFile: null });
  const now = (): Date => new Date();
  const deps = {
    advisoryMatches,
    rescans,
    ledger,
    registry,
    scanner,
    signer,
    riskLists,
    rollout,
    now,
  };
  const activities = createRescanActivities(deps);
  const input: RescanSliceInput = {
    settings: rescanSettings(),
    target: null,
    running: [],
    runStartedAt: new Date().toISOString(),
    // Nothing is indexed, so that nothing is known to be touched.
    after: { svc: '', digest: `sha256:${'0'.repeat(64)}`, scannedAt: null, rest: true },
  };
  return quietEnvironment().run((one: RescanSliceInput) => activities.rescanSlice(one), input);
}

it('finds by real advisories what its release could not know, and tells all who ask', async () => {
  const image = await releaseVulnerable();
  const check = { ledger, verdictMaxAgeMs: 7 * 86_400_000, now: () => new Date() };
  const before = await checkRelease(check, 'shop', image);

  const result = await rescan();

  const after = await checkRelease(check, 'shop', image);
  const standing = await ledger.standingVerdicts(RELEASE);
  const { evidence } = await stores.allowList.facts(image);
  expect(before.faults).toMatchObject([{ message: expect.stringMatching(/too old/) as string }]);
  expect(result).toMatchObject({
    scanned: 1,
    errors: [],
    findings: [{ change: 'gone-bad', kept: ['prod:stable'], releaseId: RELEASE }],
  });
  expect(result.findings[0]?.refused.join()).toContain('qs@6.5.2');
  expect(after.faults).toMatchObject([{ rule: 'cve-verdict' }]);
  expect(after.faults[0]?.message).toMatch(/is fail: CVE-.* in qs 6\.5\.2/);
  expect(standing.map(({ verdict, judged }) => [verdict.gate, verdict.outcome, judged])).toEqual([
    ['sbom', 'pass', 1],
    ['signature', 'pass', 1],
    ['scan', 'fail', 2],
  ]);
  expect(evidence.find(({ gate }) => gate === 'scan')).toMatchObject({ outcome: 'fail' });
  expect(await ledger.firstSignedAt('shop', image.digest)).toBe(LONG_AGO);
});

it('leaves it until the database changes or a day has passed', async () => {
  expect(await rescan()).toMatchObject({ looked: 1, scanned: 0, findings: [] });
});
