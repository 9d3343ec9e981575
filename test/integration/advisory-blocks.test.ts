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
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { createFakeRollout } from '../support/fakes/rollout';
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
let deps: FakeDeps;
let cases: ReturnType<typeof createAdvisoryCaseActivities>;
let made = 0;
/** By so much the clock of the cases is ahead. */
let aheadMs = 0;

const HOUR = 3_600_000;
const GRACE_MS = 2 * HOUR;
const now = (): Date => new Date(Date.now() + aheadMs);

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
  const { inventory, state } = stores;
  gateway = await startGateway({ backendUrl: backend.url, state, inventory });
  releases = await createReleases({
    ...{ registryUrl: backend.url, ledger, signer: createFakeSigner() },
    registry: createOciRegistry({ url: backend.url }),
  });
  deps = await createFakeDeps();
}, 120_000);

beforeEach(() => {
  aheadMs = 0;
  use({});
});

/** What the cases of a test go by, beside the stores. */
function use(over: Partial<FakeDeps>): void {
  const { advisoryCases, allowList, quarantine } = stores;
  const parts = { advisoryCases, allowList, ledger, quarantine, now };
  cases = createAdvisoryCaseActivities({ ...deps, ...parts, ...over });
}

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

/** A release in `prod:stable`, unless `image` is given, that a new advisory hits, and its case. */
async function affected(
  severity: AdvisorySeverity,
  over: Partial<AdvisoryPolicy> = {},
  given?: ImageRef,
): Promise<Affected> {
  made += 1;
  const advisory = `CVE-2026-${7000 + made}`;
  const image = given ?? (await releases.release());
  const policy = { ...advisoryPolicyOf({}), ...over };
  const hit = hitOf({ advisory, severity, digest: image.digest });
  await runActivity(cases, 'openCase', { advisory, hits: [hit], policy });
  const look = async (): Promise<void> => {
    const looked = await runActivity(cases, 'lookAtCase', { advisory });
    if (!looked) throw new Error('there is no case');
    const acted = await runActivity(cases, 'actOnCase', {
      ...{ advisory, policy, look: looked.look, at: now().toISOString() },
    });
    expect(acted.failed).toEqual([]);
  };
  return { advisory, image, look };
}

/** The time at which the case is due, for all that asks after the time. */
async function goToDue(advisory: string): Promise<void> {
  const { dueAt = '' } = (await stores.advisoryCases.read(advisory)) ?? {};
  aheadMs = Date.parse(dueAt) - Date.now();
}

async function callNotAffected(advisory: string): Promise<void> {
  await stores.advisoryCases.close(advisory, new Date().toISOString(), {
    ...{ kind: 'not-affected', justification: 'component_not_present', reason: 'checked' },
    ...{ by: 'erin', until: null },
  });
  await runActivity(cases, 'liftCaseActs', { advisory });
}

async function isRefused(image: ImageRef): Promise<void> {
  await eventually(async () => {
    expect(await pull(image)).toBe(403);
  }, 5_000);
  expect(await isAdmitted(image)).toBe(false);
  expect(await promote(image)).not.toEqual([]);
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

const SEVERITIES = ['CRITICAL', 'HIGH'] as const;

it.each(SEVERITIES)(
  'starts nothing of %s in prod anywhere and promotes it nowhere, before a scan says so; what runs can be pulled',
  async (severity) => {
    const { image, look, advisory } = await affected(severity);

    await look();

    expect(await isAdmitted(image)).toBe(false);
    expect(await promote(image)).toEqual([expect.stringContaining(`advisory ${advisory}`)]);
    expect(await pull(image)).toBe(200);
  },
);

it.each(SEVERITIES)('refuses %s at once where prod does not run it', async (severity) => {
  const image = await releases.release({ unpinned: true });
  await pin(ledger, image.digest, new Date().toISOString(), { env: 'stg', tag: 'stable' });
  const { look } = await affected(severity, {}, image);

  await look();

  await isRefused(image);
});

it.each(SEVERITIES)('cuts %s off from pulls, too, once its successor is out', async (severity) => {
  const { image, look } = await affected(severity);
  await look();
  await releases.release();

  await look();

  await isRefused(image);
});

it.each(SEVERITIES)('cuts %s off from prod, too, when it is due', async (severity) => {
  const { image, look, advisory } = await affected(severity);
  await look();
  await goToDue(advisory);
  aheadMs -= 60_000;
  await look();
  expect(await pull(image)).toBe(200);
  aheadMs += 60_000;

  await look();

  await isRefused(image);
});

it('counts the clock as the grace of what runs', async () => {
  const { registry } = deps.policy;
  const quarantine = { ...registry.quarantine, runningGraceMs: GRACE_MS };
  use({ policy: { ...deps.policy, registry: { ...registry, quarantine } } });
  const { image, look, advisory } = await affected('HIGH');
  await goToDue(advisory);

  await look();

  expect((await stores.quarantine.get(image.digest))?.graceUntil).toBeNull();
  await isRefused(image);
});

it('cuts it off later where a person gave it more time', async () => {
  const { image, look, advisory } = await affected('HIGH');
  await look();
  await goToDue(advisory);
  const dueAt = new Date(now().getTime() + 12 * HOUR).toISOString();
  const extension = { dueAt, reason: 'no fix yet', by: 'erin', at: now().toISOString() };
  await stores.advisoryCases.extend(advisory, extension);
  await look();
  expect(await stores.quarantine.get(image.digest)).toBeNull();
  await goToDue(advisory);

  await look();

  await isRefused(image);
});

it('cuts off when it is due though it can not be asked what prod runs, and not before', async () => {
  const image = await releases.release({ unpinned: true });
  await pin(ledger, image.digest, new Date().toISOString(), { env: 'stg', tag: 'stable' });
  const { look, advisory } = await affected('HIGH', {}, image);
  const rollout = createFakeRollout();
  rollout.fail('ROLLOUT_UNAVAILABLE', 1_000, 'getState');
  use({ rollout });
  await look();
  expect(await stores.quarantine.get(image.digest)).toBeNull();
  expect(await isAdmitted(image)).toBe(false);
  await goToDue(advisory);

  await look();

  await isRefused(image);
});

it('does not cut off again what a person gave back after it was due', async () => {
  const { image, look, advisory } = await affected('HIGH');
  await goToDue(advisory);
  await look();
  await isRefused(image);
  await stores.quarantine.lift(image.digest, 'erin', 'prod needs it', new Date().toISOString());

  await look();

  await eventually(async () => {
    expect(await pull(image)).toBe(200);
  }, 5_000);
});

it('does not cut off again for another case that is due, too, what a person gave back', async () => {
  const { image, look, advisory } = await affected('HIGH');
  const other = await affected('HIGH', {}, image);
  await goToDue(other.advisory);
  await look();
  await other.look();
  await stores.quarantine.lift(image.digest, 'erin', 'prod needs it', new Date().toISOString());

  await look();
  await other.look();

  expect(await stores.quarantine.get(image.digest)).toBeNull();
  expect(await stores.advisoryCases.read(advisory)).toMatchObject({ closedAt: null });
});

it('does nothing more for a case that was closed since it was looked at', async () => {
  const { image, advisory } = await affected('HIGH');
  await goToDue(advisory);
  const looked = await runActivity(cases, 'lookAtCase', { advisory });
  await callNotAffected(advisory);

  const acted = await runActivity(cases, 'actOnCase', {
    ...{ advisory, policy: advisoryPolicyOf({}), look: looked!.look, at: now().toISOString() },
  });

  expect(acted).toMatchObject({ denied: 0, quarantined: 0 });
  expect(await stores.quarantine.get(image.digest)).toBeNull();
});

it('has the whole time of Critical from when it is found to be that', async () => {
  const { image, advisory } = await affected('HIGH');
  aheadMs = 40 * HOUR;
  const hit = hitOf({ advisory, severity: 'CRITICAL', digest: image.digest, svc: 'other' });

  await runActivity(cases, 'openCase', { advisory, hits: [hit], policy: advisoryPolicyOf({}) });

  const { severity, openedAt, dueAt } = (await stores.advisoryCases.read(advisory))!;
  const hours = (Date.parse(dueAt) - Date.parse(openedAt)) / HOUR;
  expect(severity).toBe('CRITICAL');
  expect(hours).toBeCloseTo(64, 1);
});

it('keeps prod pullable past its time where the policy says so', async () => {
  const { image, look, advisory } = await affected('HIGH', { prod: 'keep' });
  await goToDue(advisory);

  await look();

  expect(await stores.quarantine.get(image.digest)).toBeNull();
  expect(await isAdmitted(image)).toBe(false);
});

it('cuts it off at once where the policy says so', async () => {
  const { image, look } = await affected('HIGH', { prod: 'cut-off' });

  await look();

  await isRefused(image);
});

it.each(['until-due', 'cut-off'] as const)(
  'gives back to all three what the last case that wants it blocked was closed for (%s)',
  async (prod) => {
    const { image, look, advisory } = await affected('HIGH', { prod });
    await look();
    const other = await affected('CRITICAL', { prod }, image);
    await other.look();
    await callNotAffected(advisory);
    await other.look();
    expect(await isAdmitted(image)).toBe(false);
    if (prod === 'cut-off') await isRefused(image);

    await callNotAffected(other.advisory);

    await eventually(async () => {
      expect(await pull(image)).toBe(200);
    }, 5_000);
    expect(await isAdmitted(image)).toBe(true);
    expect(await promote(image)).toEqual([]);
  },
);
