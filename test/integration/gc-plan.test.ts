import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { GC_ID } from '../../src/contract/ids';
import type { Digest } from '../../src/domain/digest';
import type { Role } from '../../src/domain/actor';
import { ensureGcSchedule } from '../../src/orchestrator/gc-schedule';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import { createTestApi, type TestApi } from '../support/api-app';
import { POLICY, releaseStatus } from '../support/api-fixtures';
import { runPlura, type CliRun } from '../support/cli-run';
import { grantOf, pin } from '../support/contracts/allow-list';
import { CANDIDATE } from '../support/contracts/ledger-builders';
import { leaseOf } from '../support/contracts/leases';
import { useDevServer } from '../support/dev-server';
import {
  DAY_MS,
  openGcPlanWorld,
  SHOP_REPOSITORY,
  STRICT_RETENTION,
  type GcPlanWorld,
} from '../support/gc-plan-world';
import { containing } from '../support/matchers';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { eventually } from '../support/workflow-env';

jest.setTimeout(120_000);

interface Planned {
  readonly id: string;
  readonly state: string;
  readonly blockedBy: string | null;
  readonly totals: Readonly<Record<string, number>>;
  readonly breaches: readonly { readonly rule: string; readonly why: string }[];
}

const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();
const AHEAD = ago(-30);

describe('plans on the real parts', () => {
  const server = useDevServer();
  let postgres: PostgresServer;
  let backend: RegistryServer;
  let world: GcPlanWorld;
  let api: TestApi;
  const tags = new Map<number, string>();
  const digests = new Map<number, Digest>();

  beforeAll(async () => {
    [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
    world = await openGcPlanWorld(postgres, backend);
    for (const svc of ['', 'shop']) server.workers.use(svc, world.deps);
    api = await createTestApi({
      gcPlans: world.stores.gcPlans,
      ledger: world.ledger,
      inventory: world.stores.inventory,
      policy: { ...POLICY, retention: STRICT_RETENTION },
      now: () => new Date(),
      orchestrator: createOrchestrator({
        client: server.environment.client,
        deadlineMs: 10_000,
        rollbackDeadlineMs: 20_000,
      }),
    });
    for (let number = 0; number < 12; number += 1) {
      const { tag, digest } = await world.release(number);
      tags.set(number, tag);
      digests.set(number, digest);
    }
    await world.age(200 * DAY_MS);
    // The gateway has been heard of lately: nothing went unseen.
    await world.stores.inventory.recordEvent({
      ...{ kind: 'push-refused', repository: SHOP_REPOSITORY, reference: 'latest', actor: 'ci' },
      ...{ at: new Date().toISOString(), detail: {} },
    });
    await protect();
  });

  afterAll(async () => {
    await api.app.close();
    await world.close();
    await Promise.all([backend.stop(), postgres.stop()]);
  });

  const digestOf = (number: number): Digest => {
    const digest = digests.get(number);
    if (!digest) throw new Error(`no release ${number}`);
    return digest;
  };

  /** Each release but 0 and 1 has something that keeps it. */
  async function protect(): Promise<void> {
    const { ledger, stores } = world;
    await pin(ledger, digestOf(1), ago(199));
    await pin(ledger, digestOf(2), ago(195));
    await pin(ledger, digestOf(3), ago(10));
    await pin(ledger, digestOf(4), ago(9), CANDIDATE);
    const key = { keyId: 'k-1', svc: 'shop', from: digestOf(5), to: digestOf(6) };
    await ledger.issueRevertKey({ ...key, expiresAt: AHEAD }, 'hash');
    const inFlight = releaseStatus({
      releaseId: 'shop/1.0.7_abc',
      svc: 'shop',
      digest: digestOf(7),
    });
    await ledger.saveStatus(inFlight, 'run', 1);
    const lease = { repository: SHOP_REPOSITORY, digest: digestOf(8), expiresAt: AHEAD };
    await stores.leases.renew(leaseOf({ ...lease, renewedAt: ago(1) }));
    const hold = { repository: null, reason: 'incident 12', by: 'ana', at: ago(1), until: null };
    await stores.allowList.addHold({ ...hold, id: 'h-1', digest: digestOf(9) });
    await stores.allowList.addGrant(grantOf({ digest: digestOf(10), expiresAt: AHEAD }));
    await stores.quarantine.add({
      ...{ digest: digestOf(11), reason: 'looked into', cves: [], actor: 'sec', at: ago(1) },
      ...{ graceUntil: null, expiresAt: null },
    });
  }

  const plura = (role: Role, ...args: readonly string[]): Promise<CliRun> =>
    runPlura(api, ['reg', 'gc', ...args], {
      as: role,
      roles: ['viewer', role],
      onSleep: () => sleep(100),
    });

  async function plan(...args: readonly string[]): Promise<Planned> {
    const { exit, stdout, stderr } = await plura('operator', '--dry-run', '--json', ...args);
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    return JSON.parse(stdout) as Planned;
  }

  it('deletes what nothing speaks for, and nothing else', async () => {
    const { id, totals, breaches } = await plan();

    const items = await world.stores.gcPlans.listItems(id, { from: 0, limit: 100 });
    const planned = items.filter(({ kind }) => kind === 'tag').map(({ tag }) => tag);
    expect(planned.sort()).toEqual([tags.get(0), tags.get(1)]);
    expect(new Set(items.map(({ repository }) => repository))).toEqual(new Set([SHOP_REPOSITORY]));
    expect(items.map(({ digest }) => digest)).toEqual(
      expect.arrayContaining([digestOf(0), digestOf(1)]),
    );
    expect(items.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['inactive', 'window-passed']),
    );
    expect(totals).toMatchObject({ tags: 12, deleteTags: 2 });
    expect(totals['freeBytes']).toBeGreaterThan(0);
    expect(breaches).toEqual([]);
  });

  it.each([
    [2, 'channel-history: prod:stable of shop'],
    [3, 'channel: prod:stable of shop'],
    [4, 'channel: prod:candidate of shop'],
    [5, 'revert-key: revert key k-1'],
    [6, 'revert-key: revert key k-1'],
    [7, 'release-in-flight: release shop/1.0.7_abc'],
    [8, 'lease: rollback-target of shop'],
    [9, 'hold: hold h-1 by ana: incident 12'],
    [10, 'grant: grant g-1'],
    [11, 'quarantine-evidence: quarantined by sec: looked into'],
  ])('says why release %i stays: %s', async (number, why) => {
    const { exit, stdout } = await plura(
      'viewer',
      '--explain',
      `${SHOP_REPOSITORY}@${digestOf(number)}`,
    );

    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: containing(why) });
    expect(stdout).toContain('stays');
  });

  it('says by which rule a tag goes', async () => {
    const { stdout } = await plura(
      'viewer',
      '--explain',
      `${SHOP_REPOSITORY}:${tags.get(0) ?? ''}`,
    );

    expect(stdout).toContain('goes');
    expect(stdout).toContain('inactive');
  });

  it('keeps what runs, whatever no channel says', async () => {
    const image = { repository: SHOP_REPOSITORY, digest: digestOf(0) };
    await world.deps.rollout.makeStable({ svc: 'shop', env: 'stg', epoch: 1 }, image, '/', 1000);

    const { stdout } = await plura('viewer', '--explain', `${SHOP_REPOSITORY}@${digestOf(0)}`);

    expect(stdout).toContain('live-workload: shop runs it in stg');
    await world.deps.rollout.clearStable({ svc: 'shop', env: 'stg', epoch: 1 });
  });

  it('plans nothing while a target does not answer, and says which', async () => {
    world.deps.rollout.fail('ROLLOUT_UNAVAILABLE', 1, 'getState');

    const { id, state, totals, breaches } = await plan();

    expect(totals).toMatchObject({ deleteTags: 0, deleteManifests: 0 });
    expect(breaches).toMatchObject([{ rule: 'sources', why: containing('what shop runs in') }]);
    expect(state).toBe('over-budget');
    expect(await world.stores.gcPlans.listItems(id, { from: 0, limit: 1 })).toEqual([]);
  });

  it('plans one repository by the graph of all', async () => {
    const none = await plan('--repo', 'apps/shop/other');
    const one = await plan('--repo', SHOP_REPOSITORY);

    expect(none.totals).toMatchObject({ deleteTags: 0, deleteManifests: 0 });
    expect(one.totals).toMatchObject({ deleteTags: 2 });
  });

  it('shows what a policy would flip', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plura-gc-'));
    const file = path.join(folder, 'longer.yaml');
    const shipped = await readFile('deploy/policy/default.yaml', 'utf8');
    expect(shipped).toContain('inactive: 7d');
    await writeFile(file, shipped.replace('inactive: 7d', 'inactive: 365d'));

    const { exit, stdout, stderr } = await plura('operator', 'diff', file);

    await rm(folder, { recursive: true });
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    expect(stdout).toContain('deletes what is kept now: 0 tags');
    expect(stdout).toContain('keeps what goes now: 1 tags');
    expect(stdout).toContain(`+ ${SHOP_REPOSITORY}:${tags.get(0) ?? ''}  inactive`);
  });

  it('runs nothing before a person approved a plan, and then what they approved', async () => {
    const first = await plura('operator');
    expect(first).toMatchObject({ exit: 3, stdout: containing('was approved by a person yet') });
    const [{ id } = { id: '' }] = await world.stores.gcPlans.listPlans({ limit: 1 });
    expect(await plura('operator', '--yes', id)).toMatchObject({ exit: 3 });
    expect(await plura('operator', 'approve', id, '--reason', 'no')).toMatchObject({ exit: 6 });

    const approved = await plura('security', 'approve', id, '--reason', 'looked through it');

    expect(approved).toMatchObject({ exit: 0, stdout: containing(`reg gc --yes ${id}`) });
    expect((await plura('viewer', 'show', id)).stdout).toContain('by security: looked through it');
    expect((await plura('viewer', 'plans')).stdout).toContain(id);
    expect(await plura('operator', '--yes', id)).toMatchObject({ exit: 0 });
    const ended = await eventually(async () => {
      const plan = await world.stores.gcPlans.getPlan(id);
      if (plan?.state === 'done') return plan;
      throw new Error(`it is ${plan?.state ?? 'gone'}`);
    }, 60_000);
    const { deleteTags, deleteManifests } = ended.totals;
    expect(ended.settled).toMatchObject({ deleted: deleteTags + deleteManifests, failed: 0 });
  });

  it('has nothing left to plan after that, and all that was kept is whole', async () => {
    const { totals } = await plan();

    expect(totals).toMatchObject({ deleteTags: 0, deleteManifests: 0, tags: 10 });
    for (let number = 2; number < 12; number += 1) {
      const image = { repository: SHOP_REPOSITORY, digest: digestOf(number) };
      expect(await world.deps.backend.findMissing(image)).toEqual([]);
    }
  });

  it('is made every week, and tells people that a plan waits for them', async () => {
    const { client } = server.environment;
    const worker = new Client({ connection: server.environment.nativeConnection });
    const policy = { retention: STRICT_RETENTION, registry: { open: [] } };
    const order = { policy, policyHash: 'sha256:policy' };
    await ensureGcSchedule(worker, 604_800_000, order);
    await ensureGcSchedule(worker, 604_800_000, order);

    world.deps.rollout.fail('ROLLOUT_UNAVAILABLE', 1, 'getState');
    await client.schedule.getHandle(GC_ID).trigger();
    const sent = await eventually(() => {
      const [one] = world.deps.notifier.sent;
      if (!one) throw new Error('not yet');
      return Promise.resolve(one);
    }, 30_000);

    expect(sent).toMatchObject({ title: containing('waits for approval') });
    expect(sent.text).toContain('Nothing is planned: what shop runs in');
    expect((await plura('viewer', 'plans')).stdout).toContain('system:plura');
  });
});
