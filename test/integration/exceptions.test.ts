import { createChannelActivities } from '../../activities/channel';
import { createScanStandsActivities } from '../../activities/scan-stands';
import { createRruleCalendar } from '../../src/adapters/calendar/rrule-calendar';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { createAnswerCache, type AnswerCache } from '../../src/admission/cache/answer-cache';
import {
  createImageVerifier,
  type ImageVerifier,
  type Verification,
} from '../../src/admission/verify/image-verifier';
import { createRobotSecret, hashRobotSecret } from '../../src/contract/schema/registry-token';
import { DEFAULT_VERIFY_SETTINGS } from '../../src/domain/admission/settings';
import type { RobotKind } from '../../src/domain/registry/principal';
import type { ImageRef } from '../../src/domain/reference';
import type { Verdict } from '../../src/domain/verdict';
import type { Registry } from '../../src/ports/registry';
import { runActivity } from '../support/activity-env';
import { createReleases, type Releases } from '../support/admission-releases';
import { testPolicy, testService } from '../support/builders';
import { pin } from '../support/contracts/allow-list';
import { T0 } from '../support/contracts/ledger-builders';
import { robotOf } from '../support/contracts/robots';
import { coveredEvidence, coveredFinding, requestOf } from '../support/exceptions';
import { createFakeSigner } from '../support/fakes/signer';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { openStores, type OpenStores } from '../support/registry-stores';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const MIDNIGHT = Date.parse('2026-12-01T00:00:00.000Z');
const HOUR_MS = 3_600_000;
const KINDS = { node: 'robot', admission: 'observer', worker: 'system' } as const;
const EVERYTHING = { repositories: '**', actions: ['pull', 'push', 'delete'] } as const;
const policy = testPolicy();

let postgres: PostgresServer;
let backend: RegistryServer;
let stores: OpenStores;
let ledger: PostgresLedger;
let gateway: GatewayServer;
let graceful: GatewayServer;
let releases: Releases;
let verifier: ImageVerifier;
let answers: AnswerCache<Verification>;
let nowMs = 0;
let exceptions = 0;

const now = (): Date => new Date(nowMs);
const secrets = new Map<string, string>();

async function addRobot(name: string, kind: RobotKind): Promise<void> {
  const secret = createRobotSecret();
  secrets.set(name, secret);
  await stores.robots.create(
    robotOf({ name, kind, scopes: [EVERYTHING], createdAt: T0 }),
    hashRobotSecret(secret),
  );
}

const secretOf = (name: keyof typeof KINDS): string => secrets.get(name) ?? '';
const registryOf = (username: keyof typeof KINDS): Registry =>
  createOciRegistry({
    url: gateway.url,
    credentials: { username, password: secretOf(username) },
  });

beforeAll(async () => {
  [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
  const connectionString = await postgres.freshDatabase();
  stores = await openStores(connectionString);
  ledger = createPostgresLedger({ connectionString });
  for (const [name, kind] of Object.entries(KINDS)) await addRobot(name, kind);
  const { state, inventory } = stores;
  const options = { backendUrl: backend.url, state, inventory, now };
  gateway = await startGateway(options);
  const quarantine = { ...policy.registry.quarantine, runningGraceMs: HOUR_MS };
  graceful = await startGateway({ ...options, policy: { quarantine } });
  const signer = createFakeSigner();
  const direct = createOciRegistry({ url: backend.url });
  releases = await createReleases({ registryUrl: backend.url, registry: direct, signer, ledger });
  verifier = createImageVerifier({
    ...{ registry: registryOf('admission'), signer, ledger, policy, now },
    keys: { id: () => Promise.resolve('fake keys') },
    services: [{ ...testService('shop'), name: 'web' }],
    settings: DEFAULT_VERIFY_SETTINGS,
    onBug: (error) => {
      throw error;
    },
  });
}, 120_000);

afterAll(async () => {
  await Promise.all([gateway.close(), graceful.close(), ledger.close(), stores.close()]);
  await Promise.all([postgres.stop(), backend.stop()]);
});

beforeEach(() => {
  nowMs = MIDNIGHT - HOUR_MS;
  answers = createAnswerCache<Verification>({
    ...DEFAULT_VERIFY_SETTINGS.cache,
    now,
    clock: () => nowMs,
  });
});

async function grant(vulnerabilityId: string): Promise<string> {
  exceptions += 1;
  const id = `exc-${exceptions}`;
  const asked = requestOf({ id, vulnerabilityId, svc: 'shop', packageName: 'pkg:npm/qs' });
  await stores.exceptions.request({ ...asked, expiresAt: new Date(MIDNIGHT).toISOString() });
  await stores.exceptions.approve(id, 'sam', now().toISOString());
  return id;
}

interface Passed {
  readonly image: ImageRef;
  readonly releaseId: string;
  readonly vulnerabilityId: string;
  readonly exceptionId: string;
}

/** A release whose scan passed by an exception that ends at midnight. */
async function release(unpinned = false): Promise<Passed> {
  const vulnerabilityId = `CVE-2026-${1000 + exceptions}`;
  const exceptionId = await grant(vulnerabilityId);
  const until = new Date(MIDNIGHT).toISOString();
  const evidence = coveredEvidence(coveredFinding({ exceptionId, vulnerabilityId, until }));
  const image = await releases.release({ scan: { evidence }, scannedAt: now(), unpinned });
  const status = await ledger.findByDigest('shop', image.digest);
  await gateway.deps.cache.refresh();
  await graceful.deps.cache.refresh();
  return { image, releaseId: status?.releaseId ?? '', vulnerabilityId, exceptionId };
}

interface Pull {
  readonly status: number;
  readonly text: string;
}

async function pull(
  { repository, digest }: ImageRef,
  name: keyof typeof KINDS = 'node',
  from: GatewayServer = gateway,
): Promise<Pull> {
  const basic = Buffer.from(`${name}:${secretOf(name)}`).toString('base64');
  const answer = await fetch(`${from.url}/v2/${repository}/manifests/${digest}`, {
    headers: { authorization: `Basic ${basic}`, accept: '*/*' },
  });
  return { status: answer.status, text: await answer.text() };
}

async function faultsOf(image: ImageRef): Promise<readonly string[]> {
  const { evidence } = await stores.allowList.revisions();
  const key = `${image.digest} ${evidence}`;
  const { answer } = await answers.get(key, () => verifier.verify(image));
  return answer.faults.map(({ rule, message }) => `[${rule}] ${message}`);
}

function promote({ image, releaseId }: Passed): Promise<Verdict> {
  const ref = { releaseId, svc: 'shop', policyHash: 'sha256:policy' };
  const activities = createScanStandsActivities({ ledger, now, allowList: stores.allowList });
  return runActivity(activities, 'scanStands', { release: ref, digest: image.digest });
}

/** As the pin does it, in each of its attempts. */
async function move({ image, releaseId }: Passed): Promise<unknown> {
  const { freezes } = stores;
  const freezeCalendar = createRruleCalendar();
  const registry = createOciRegistry({ url: backend.url });
  const deps = { ledger, registry, freezes, freezeCalendar, now, allowList: stores.allowList };
  const channel = { env: 'prod', tag: 'stable' } as const;
  const expected = (await ledger.getChannel('shop', channel))?.digest ?? null;
  const epoch = await ledger.bumpEpoch('shop', `move ${releaseId} ${nowMs}`);
  const scanned = { releaseId, digest: image.digest };
  return runActivity(createChannelActivities(deps), 'moveChannel', {
    ...{ svc: 'shop', name: 'web', channel, expected, next: image.digest, epoch },
    ...{ actor: 'rita', reason: 'test', idempotencyKey: `move ${releaseId} ${nowMs}` },
    edge: { svc: 'shop', env: 'prod', edge: 'pin', scanned },
  }).catch((error: unknown) => error);
}

describe('an exception that ends at midnight UTC', () => {
  it('is in force a second before it for gateway, admission and promotion', async () => {
    const passed = await release();
    nowMs = MIDNIGHT - 1_000;

    expect((await pull(passed.image)).status).toBe(200);
    expect(await faultsOf(passed.image)).toEqual([]);
    expect((await promote(passed)).outcome).toBe('pass');
    expect(await move(passed)).toMatchObject({ changedAt: now().toISOString() });
  });

  it.each([
    ['at midnight', 0],
    ['a second after it', 1_000],
  ])('has ended %s for all three, what was cached included', async (_, afterMs) => {
    const passed = await release();
    nowMs = MIDNIGHT - 1_000;
    expect((await pull(passed.image)).status).toBe(200);
    expect(await faultsOf(passed.image)).toEqual([]);
    nowMs = MIDNIGHT + afterMs;

    const pulled = await pull(passed.image);
    const faults = await faultsOf(passed.image);
    const moved = await move(passed);
    const verdict = await promote(passed);

    const { exceptionId, vulnerabilityId } = passed;
    const why = `exception ${exceptionId} for ${vulnerabilityId} in qs@6.5.2 ended at 2026-12-01T00:00:00.000Z`;
    expect(pulled).toMatchObject({ status: 403 });
    expect(JSON.parse(pulled.text)).toMatchObject({
      errors: [{ code: 'DENIED', detail: { rule: 'exception-ended', cves: [vulnerabilityId] } }],
    });
    expect(faults).toEqual([`[cve-verdict] The ${why}.`]);
    expect(moved).toMatchObject({ type: 'FROZEN', message: `The ${why}.` });
    expect(verdict).toMatchObject({ outcome: 'fail', reasons: [`The ${why}.`] });
  });

  it('goes on when another has taken its place, without a new scan', async () => {
    const passed = await release();
    await stores.exceptions.request(
      requestOf({ id: 'longer', vulnerabilityId: passed.vulnerabilityId, svc: 'shop' }),
    );
    await stores.exceptions.approve('longer', 'sam', now().toISOString());
    await gateway.deps.cache.refresh();
    nowMs = MIDNIGHT + 1_000;

    expect((await pull(passed.image)).status).toBe(200);
    expect(await faultsOf(passed.image)).toEqual([]);
    expect((await promote(passed)).outcome).toBe('pass');
  });

  it('stays ended once it was judged again, until a scan passes', async () => {
    const passed = await release();
    nowMs = MIDNIGHT + 1_000;
    await promote(passed);
    await gateway.deps.cache.refresh();

    const failed = await pull(passed.image);
    const about = { gate: 'scan', subject: passed.image.digest, reasons: [] } as const;
    const verdict = { ...about, outcome: 'pass', evidence: coveredEvidence() } as const;
    await ledger.recordRescan(passed.releaseId, 'rescan', 'h', verdict, now().toISOString());
    await gateway.deps.cache.refresh();

    expect(failed.status).toBe(403);
    expect((await pull(passed.image)).status).toBe(200);
  });
});

describe('a revoked exception', () => {
  it('ends by notification, for the gateway and for what admission keeps', async () => {
    const passed = await release();
    expect((await pull(passed.image)).status).toBe(200);
    expect(await faultsOf(passed.image)).toEqual([]);

    const at = now().toISOString();
    await stores.exceptions.revoke(passed.exceptionId, 'olga', 'an exploit is out', at);

    await eventually(async () => {
      expect((await pull(passed.image)).status).toBe(403);
    }, 5_000);
    expect(await faultsOf(passed.image)).toEqual([expect.stringContaining(`was revoked at ${at}`)]);
    expect((await promote(passed)).outcome).toBe('fail');
  });
});

describe('what may still read', () => {
  it('is who scans or checks, and who carries a release; not a node', async () => {
    const { image } = await release();
    nowMs = MIDNIGHT + 1_000;

    const statuses = [
      await pull(image),
      await pull(image, 'admission'),
      await pull(image, 'worker'),
    ].map(({ status }) => status);

    expect(statuses).toEqual([403, 200, 200]);
  });

  it('is a node for the grace of what a channel points at, and of nothing else', async () => {
    const stray = await release(true);
    const stable = await release();
    await pin(ledger, stable.image.digest, new Date(nowMs).toISOString());
    await graceful.deps.cache.refresh();
    nowMs = MIDNIGHT + HOUR_MS - 1_000;
    const within = [
      await pull(stable.image, 'node', graceful),
      await pull(stray.image, 'node', graceful),
    ];
    nowMs = MIDNIGHT + HOUR_MS;
    await graceful.deps.cache.refresh();

    const after = await pull(stable.image, 'node', graceful);

    expect(within.map(({ status }) => status)).toEqual([200, 403]);
    expect(after.status).toBe(403);
  });
});
