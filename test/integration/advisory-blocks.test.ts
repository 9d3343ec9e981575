import { createAdvisoryCaseActivities } from '../../activities/advisory-case';
import { createScanStandsActivities } from '../../activities/scan-stands';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { createRobotSecret, hashRobotSecret } from '../../src/contract/schema/registry-token';
import { judgeAllowed } from '../../src/domain/admission/allow-list';
import { allowListOf } from '../../src/domain/admission/allow-policy';
import type { AdvisorySeverity } from '../../src/domain/advisories/advisory';
import { advisoryPolicyOf, type AdvisoryPolicy } from '../../src/domain/advisories/policy';
import type { ImageRef } from '../../src/domain/reference';
import { createReleases, type Releases } from '../support/admission-releases';
import { runActivity } from '../support/activity-env';
import { testPolicy } from '../support/builders';
import { hitOf } from '../support/contracts/advisory-cases';
import { pin } from '../support/contracts/allow-list';
import { T0 } from '../support/contracts/ledger-builders';
import { robotOf } from '../support/contracts/robots';
import { createFakeDeps } from '../support/fake-deps';
import { createFakeSigner } from '../support/fakes/signer';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { openStores, type OpenStores } from '../support/registry-stores';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

let postgres: PostgresServer;
let backend: RegistryServer;
let stores: OpenStores;
let ledger: PostgresLedger;
let gateway: GatewayServer;
let releases: Releases;
let cases: ReturnType<typeof createAdvisoryCaseActivities>;
let made = 0;

const secret = createRobotSecret();
const basic = `Basic ${Buffer.from(`node:${secret}`).toString('base64')}`;

beforeAll(async () => {
  [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
  const connectionString = await postgres.freshDatabase();
  stores = await openStores(connectionString);
  ledger = createPostgresLedger({ connectionString });
  const scopes = [{ repositories: '**', actions: ['pull'] }] as const;
  const node = robotOf({ name: 'node', kind: 'robot', scopes, createdAt: T0 });
  await stores.robots.create(node, hashRobotSecret(secret));
  const { advisoryCases, allowList, inventory, quarantine, state } = stores;
  gateway = await startGateway({ backendUrl: backend.url, state, inventory });
  releases = await createReleases({
    ...{ registryUrl: backend.url, ledger, signer: createFakeSigner() },
    registry: createOciRegistry({ url: backend.url }),
  });
  const deps = await createFakeDeps();
  cases = createAdvisoryCaseActivities({
    ...{ ...deps, advisoryCases, allowList, ledger, quarantine, now: () => new Date() },
  });
}, 120_000);

afterAll(async () => {
  await Promise.all([gateway.close(), ledger.close(), stores.close()]);
  await Promise.all([postgres.stop(), backend.stop()]);
});

interface Affected {
  readonly advisory: string;
  readonly image: ImageRef;
  /** What the case goes by, and what it did. */
  readonly look: () => Promise<void>;
}

/** A release in `prod:stable` that a new advisory hits, and its case. */
async function affected(
  severity: AdvisorySeverity,
  over: Partial<AdvisoryPolicy> = {},
): Promise<Affected> {
  made += 1;
  const advisory = `CVE-2026-${7000 + made}`;
  const image = await releases.release();
  const policy = { ...advisoryPolicyOf({}), ...over };
  const hit = hitOf({ advisory, severity, digest: image.digest });
  await runActivity(cases, 'openCase', { advisory, hits: [hit], policy });
  const look = async (): Promise<void> => {
    const looked = await runActivity(cases, 'lookAtCase', { advisory });
    if (!looked) throw new Error('there is no case');
    const acted = await runActivity(cases, 'actOnCase', { advisory, policy, look: looked.look });
    expect(acted.failed).toEqual([]);
  };
  return { advisory, image, look };
}

async function pull({ repository, digest }: ImageRef): Promise<number> {
  const answer = await fetch(`${gateway.url}/v2/${repository}/manifests/${digest}`, {
    headers: { authorization: basic, accept: '*/*' },
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function isAdmitted(image: ImageRef): Promise<boolean> {
  const facts = await stores.allowList.facts(image);
  const query = { ...image, namespace: 'prod', nowMs: Date.now() };
  return judgeAllowed(facts, allowListOf(testPolicy()), query).allowed;
}

async function promote({ digest }: ImageRef): Promise<readonly string[]> {
  const status = await ledger.findByDigest('shop', digest);
  const release = { releaseId: status?.releaseId ?? '', svc: 'shop', policyHash: 'sha256:policy' };
  const { allowList } = stores;
  const activities = createScanStandsActivities({ ledger, allowList, now: () => new Date() });
  return (await runActivity(activities, 'scanStands', { release, digest })).reasons;
}

it('lets all three pass before there is a case', async () => {
  const image = await releases.release();

  expect(await pull(image)).toBe(200);
  expect(await isAdmitted(image)).toBe(true);
  expect(await promote(image)).toEqual([]);
});

it.each([
  ['CRITICAL', {}],
  ['HIGH', {}],
] as const)(
  'starts nothing of %s in prod anywhere and promotes it nowhere, before a scan says so; what runs can be pulled',
  async (severity, over) => {
    const { image, look, advisory } = await affected(severity, over);

    await look();

    expect(await isAdmitted(image)).toBe(false);
    expect(await promote(image)).toEqual([expect.stringContaining(`advisory ${advisory}`)]);
    expect(await pull(image)).toBe(200);
  },
);

it('cuts Critical off from pulls, too, once its successor is out', async () => {
  const { image, look, advisory } = await affected('CRITICAL');
  await look();
  await pin(ledger, (await releases.release()).digest, new Date().toISOString());

  await look();

  await eventually(async () => {
    expect(await pull(image)).toBe(403);
  }, 5_000);
  expect(await isAdmitted(image)).toBe(false);
  expect(await promote(image)).toEqual([expect.stringContaining(advisory)]);
});

it('cuts it off at once where the policy says so', async () => {
  const { image, look } = await affected('HIGH', {
    prod: 'cut-off',
    high: { action: 'quarantine', dueMs: 3_600_000 },
  });

  await look();

  await eventually(async () => {
    expect(await pull(image)).toBe(403);
  }, 5_000);
  expect(await isAdmitted(image)).toBe(false);
  expect(await promote(image)).not.toEqual([]);
});

it('gives back to all three what a person called not affected', async () => {
  const { image, look, advisory } = await affected('HIGH', {
    prod: 'cut-off',
    high: { action: 'quarantine', dueMs: 3_600_000 },
  });
  await look();
  await stores.advisoryCases.close(advisory, new Date().toISOString(), {
    ...{ kind: 'not-affected', justification: 'component_not_present', reason: 'checked' },
    ...{ by: 'erin', until: null },
  });

  await runActivity(cases, 'liftCaseActs', { advisory });

  await eventually(async () => {
    expect(await pull(image)).toBe(200);
  }, 5_000);
  expect(await isAdmitted(image)).toBe(true);
  expect(await promote(image)).toEqual([]);
});
