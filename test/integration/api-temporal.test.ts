import { createSourceFolders } from '../../src/api/checks/source-folders';
import { Client, Connection } from '@temporalio/client';
import type { Policy } from '../../src/domain/policy';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import type { Orchestrator } from '../../src/orchestrator/orchestrator';
import { createTestApi, type TestApi } from '../support/api-app';
import { testPolicy, testService } from '../support/builders';
import { runPlura, type CliRun } from '../support/cli-run';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps } from '../support/fake-deps';
import { freePort } from '../support/registry-server';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const server = useDevServer();
const apis: TestApi[] = [];

afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.app.close()));
});

function realOrchestrator(): Orchestrator {
  const { client } = server.environment;
  return createOrchestrator({ client, deadlineMs: 10_000, rollbackDeadlineMs: 20_000 });
}

const ROLES = { rita: ['releaser'], bob: ['approver'], carol: ['operator'] } as const;

interface Stage {
  readonly api: TestApi;
  readonly orchestrator: Orchestrator;
  readonly plura: (args: readonly string[], as?: keyof typeof ROLES) => Promise<CliRun>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** CLI, API and orchestrator of the product over real workflows; only what activities touch is fake. */
async function stage(svc: string, overrides: Partial<Policy> = {}): Promise<Stage> {
  const deps = await createFakeDeps();
  server.workers.use(svc, deps);
  const orchestrator = realOrchestrator();
  const api = await createTestApi({
    ledger: deps.ledger,
    registry: deps.registry,
    signer: deps.signer,
    kms: deps.kms,
    orchestrator,
    catalog: [testService(svc)],
    readBases: () => deps.readBases(),
    policy: testPolicy(overrides),
    sources: createSourceFolders(deps.sourceRoot),
    // The worker looks at a decision token by the clock on the wall.
    now: deps.now,
  });
  apis.push(api);
  return {
    api,
    orchestrator,
    plura: (args, as = 'rita') =>
      runPlura(api, args, {
        as,
        roles: ['viewer', ...ROLES[as]],
        onSleep: () => sleep(100),
      }),
  };
}

const build = (svc: string, version: string): string[] => [
  ...['reg', 'promote', svc, '--source', 'shop', '--version', version],
];

describe('CLI to workflows', () => {
  it('releases, answers the same again, and rolls back by revert key', async () => {
    const { plura } = await stage('round');

    const first = await plura([...build('round', '1.0.0'), '--wait']);
    const again = await plura([...build('round', '1.0.0'), '--json']);
    const second = await plura([...build('round', '1.1.0'), '--wait', '--json']);
    const key = await plura(['reg', 'revert-key', 'round/1.1.0_abc1234', '--json'], 'carol');
    const { revertKey } = JSON.parse(key.stdout) as { revertKey: string };
    const undo = ['reg', 'rollback', 'round', '--revert-key', revertKey, '--reason', 'errors'];
    const rolledBack = await plura([...undo, '--json']);
    const twice = await plura(undo);
    const held = await plura(build('round', '1.2.0'));
    await plura(['reg', 'resume', 'round', '--reason', 'mended'], 'carol');
    const resumed = await plura([...build('round', '1.2.0'), '--wait']);
    const verified = await plura(['reg', 'verify', 'round', 'prod:stable']);
    const notes = await plura(['reg', 'notes', 'round/1.2.0_abc1234']);

    expect(first).toMatchObject({ exit: 0, stderr: '' });
    expect(JSON.parse(again.stdout)).toMatchObject({ existing: true, place: null });
    const release = JSON.parse(second.stdout) as { outcome: string; digest: string };
    expect(release.outcome).toBe('released');
    expect(JSON.parse(rolledBack.stdout)).toMatchObject({ from: release.digest, held: true });
    expect(twice).toMatchObject({ exit: 6 });
    expect(held).toMatchObject({ exit: 5 });
    expect(held.stderr).toContain('LANE_HELD');
    expect(resumed.exit).toBe(0);
    expect(verified).toMatchObject({ exit: 0 });
    expect(notes.stdout).toContain('1.2.0');
  });

  it('approves by someone else, once the release waits for it', async () => {
    const approval = { ...testPolicy().approval, required: true };
    const { api, plura } = await stage('consent', { approval });
    const release = 'consent/1.0.0_abc1234';
    await plura(build('consent', '1.0.0'));

    const early = await plura(['reg', 'approve', release], 'bob');
    await eventually(async () => {
      const status = await api.deps.ledger.getStatus(release);
      expect(status?.stage).toBe('approval');
    });
    const approved = await plura(['reg', 'approve', release], 'bob');
    const watched = await plura(['reg', 'watch', release]);
    const late = await plura(['reg', 'approve', release], 'bob');

    expect(early).toMatchObject({ exit: 5 });
    expect(approved).toMatchObject({ exit: 0 });
    expect(watched).toMatchObject({ exit: 0 });
    expect(late).toMatchObject({ exit: 5 });
  });

  it('aborts what runs and what waits in the lane', async () => {
    const approval = { ...testPolicy().approval, required: true };
    const { plura } = await stage('stopped', { approval });
    await plura(build('stopped', '1.0.0'));
    const queued = await plura([...build('stopped', '1.1.0'), '--json']);
    const why = ['--reason', 'changed my mind'];

    const waiting = await plura(['reg', 'abort', 'stopped/1.1.0_abc1234', ...why]);
    const running = await plura(['reg', 'abort', 'stopped/1.0.0_abc1234', ...why]);
    const first = await plura(['reg', 'watch', 'stopped/1.0.0_abc1234']);
    const second = await plura(['reg', 'watch', 'stopped/1.1.0_abc1234']);
    const after = await plura(['reg', 'abort', 'stopped/1.0.0_abc1234', ...why]);

    expect(JSON.parse(queued.stdout)).toMatchObject({ place: 2 });
    expect([waiting.exit, running.exit]).toEqual([0, 0]);
    expect([first.exit, second.exit]).toEqual([9, 9]);
    expect(after).toMatchObject({ exit: 5 });
  });
});

describe('orchestrator', () => {
  const decision = {
    actor: { subject: 'carol', roles: ['operator'] },
    reason: 'x',
    token: 'not asked for here',
  } as const;

  it('tells a release that never was from one that has ended', async () => {
    const { plura, orchestrator } = await stage('known');
    await plura([...build('known', '1.0.0'), '--wait']);

    await expect(orchestrator.abort('known/9.0.0_abc1234', decision, 'r1')).rejects.toMatchObject({
      code: 'RELEASE_NOT_FOUND',
    });
    await expect(orchestrator.abort('known/1.0.0_abc1234', decision, 'r2')).rejects.toMatchObject({
      code: 'ALREADY_ENDED',
    });
  });

  it('shows an empty lane and no status for a service that never released', async () => {
    const orchestrator = realOrchestrator();

    expect(await orchestrator.getLane('unheard')).toMatchObject({ epoch: 0, running: null });
    expect(await orchestrator.getStatus('unheard/1.0.0_abc1234')).toBeNull();
  });

  it('starts one run for a repeated request id', async () => {
    const { orchestrator, api } = await stage('repeated');
    const request = {
      releaseId: 'repeated/1.0.0_abc1234',
      service: testService('repeated'),
      version: '1.0.0',
      revision: 'abc1234',
      requestedAt: new Date().toISOString(),
      origin: { kind: 'source', path: 'shop' },
      requestedBy: decision.actor,
      policy: api.deps.policy,
      policyHash: api.deps.policyHash,
    } as const;

    const answers = await Promise.all([
      orchestrator.submitRelease(request, 'one'),
      orchestrator.submitRelease(request, 'one'),
    ]);

    expect(answers[0]).toEqual(answers[1]);
  });

  it('finds the rollback that a request id started, and none for another', async () => {
    const { orchestrator, plura, api } = await stage('found');
    for (const version of ['1.0.0', '1.1.0']) await plura([...build('found', version), '--wait']);
    const order = {
      service: testService('found'),
      target: { kind: 'previous' },
      ...decision,
      requestedAt: new Date().toISOString(),
      policy: api.deps.policy,
    } as const;

    const done = await orchestrator.rollBack(order, 'asked once');

    expect(await orchestrator.findRollback('found', 'asked once')).toEqual(done);
    expect(await orchestrator.findRollback('found', 'never asked')).toBeNull();
    expect(await orchestrator.findRollback('unheard', 'never asked')).toBeNull();
  });

  it('passes the code of a refusal on, with nothing moved', async () => {
    const { orchestrator, api } = await stage('unpinned');
    const order = {
      service: testService('unpinned'),
      target: { kind: 'previous' },
      ...decision,
      requestedAt: new Date().toISOString(),
      policy: api.deps.policy,
    } as const;

    await expect(orchestrator.rollBack(order, 'r1')).rejects.toMatchObject({
      code: 'NO_ROLLBACK_TARGET',
    });
  });

  it('says that Temporal is away, within its deadline', async () => {
    const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
    const client = new Client({ connection });
    const away = createOrchestrator({ client, deadlineMs: 500, rollbackDeadlineMs: 500 });

    await expect(away.getLane('x')).rejects.toMatchObject({ code: 'ORCHESTRATOR_UNAVAILABLE' });
    await expect(away.abort('x/1.0.0_abc1234', decision, 'r')).rejects.toMatchObject({
      code: 'ORCHESTRATOR_UNAVAILABLE',
    });
    await expect(away.ping()).rejects.toMatchObject({ code: 'ORCHESTRATOR_UNAVAILABLE' });
    await connection.close();
  });
});
