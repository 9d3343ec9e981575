import type { WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { AdvisoryCaseReport } from '../../src/contract/advisory-messages';
import { ADVISORY_MESSAGES } from '../../src/contract/advisory-messages';
import type { AdvisoryHit } from '../../src/domain/advisories/case';
import type { AdvisoryPolicy } from '../../src/domain/advisories/policy';
import type { RollupItem } from '../../src/domain/rollup';
import { indexed, matchIndex, opensslAdvisory, useDatabase } from '../support/advisory-index';
import { noteHits, quickPolicy, runInProd } from '../support/advisory-world';
import { npm } from '../support/component-builders';
import { pin } from '../support/contracts/allow-list';
import { hitOf } from '../support/contracts/advisory-cases';
import { A, B, C, T0, T1 } from '../support/contracts/ledger-builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { loadWorkflowBundle } from '../support/temporal';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const STAGED = { env: 'stg', tag: 'stable' } as const;

describe('advisoryCaseWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let cases = 0;
  let advisory: string;

  beforeEach(async () => {
    cases += 1;
    advisory = `CVE-2026-${1000 + cases}`;
    deps = await createFakeDeps();
    for (const svc of ['', 'shop', 'cart']) server.workers.use(svc, deps);
  });

  function note(
    over: Partial<AdvisoryHit> = {},
    policy: Partial<AdvisoryPolicy> = {},
  ): Promise<WorkflowHandleWithSignaledRunId> {
    const input = { advisory, policy: quickPolicy(policy) };
    return noteHits(server.environment.client.workflow, input, [hitOf({ advisory, ...over })]);
  }

  async function untilLooked(check: (report: AdvisoryCaseReport) => void): Promise<void> {
    const handle = server.environment.client.workflow.getHandle(`advisory/${advisory}`);
    await eventually(async () => {
      check(await handle.query<AdvisoryCaseReport>(ADVISORY_MESSAGES.getReport));
    });
  }

  const isOpened = ({ look, rollups }: AdvisoryCaseReport): void => {
    if (!look || rollups.length === 0) throw new Error('not yet');
  };

  async function denied(): Promise<readonly string[]> {
    return (await deps.allowList.listDenials({ limit: 10 })).map(({ digest }) => digest);
  }

  it('blocks what prod runs, orders its rebuild, tells people, and closes once it has left', async () => {
    await runInProd(deps, A, T0);
    const handle = await note({ severity: 'CRITICAL' });
    await untilLooked(isOpened);

    expect(await denied()).toEqual([A]);
    expect(await deps.quarantine.get(A)).toBeNull();
    expect(deps.emergencyRollups.orders).toMatchObject([{ advisory, only: ['shop'] }]);
    expect(await deps.advisoryCases.read(advisory)).toMatchObject({ closedAt: null });
    await eventually(() => {
      expect(deps.notifier.sent).toMatchObject([
        { severity: 'critical', svc: 'shop', text: containing('shop prod:stable') },
      ]);
    });
    await runInProd(deps, B, T1);
    const report = (await handle.result()) as AdvisoryCaseReport;

    expect(report).toMatchObject({ resolution: 'replaced', look: { affected: [] } });
    // Nobody goes back to it: what prod no longer runs is cut off from pulls too.
    expect(await deps.quarantine.get(A)).toMatchObject({ cves: [advisory], actor: 'system:plura' });
    expect(await deps.advisoryCases.read(advisory)).toMatchObject({
      closedAt: expect.any(String) as string,
    });
    const kinds = (await deps.advisoryCases.timeline(advisory)).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['opened', 'blocked', 'rollup', 'quarantined']));
  });

  it('tells people when it is rated worse than it was, once', async () => {
    await runInProd(deps, A, T0);
    const handle = await note();
    await untilLooked(isOpened);
    await eventually(() => {
      expect(deps.notifier.sent).toHaveLength(1);
    });
    await note({ severity: 'CRITICAL' });
    await eventually(() => {
      expect(deps.notifier.sent).toHaveLength(2);
    });
    await note({ severity: 'CRITICAL' });
    await new Promise((resolve) => setTimeout(resolve, 600));

    const { dueAt = '' } = (await deps.advisoryCases.read(advisory)) ?? {};
    expect(deps.notifier.sent.slice(1)).toMatchObject([
      { title: `${advisory} is rated CRITICAL now`, text: containing(dueAt) },
    ]);
    expect(await deps.advisoryCases.timeline(advisory)).toContainEqual(
      expect.objectContaining({ kind: 'hit', text: containing('is rated CRITICAL now') }),
    );
    await handle.terminate();
  });

  it('closes and gives back what it blocked when the advisory is taken back', async () => {
    await indexed(deps, A);
    await runInProd(deps, A, T0);
    const before = new Date(Date.now() - 3_600_000).toISOString();
    useDatabase(deps, 'd', [opensslAdvisory({ id: advisory })], before);
    await matchIndex(deps);
    const handle = await note();
    await untilLooked(isOpened);
    expect(await denied()).toEqual([A]);
    useDatabase(deps, 'e', []);
    await matchIndex(deps);

    expect(await handle.result()).toMatchObject({ resolution: 'withdrawn' });
    expect(await denied()).toEqual([]);
    expect(await deps.quarantine.get(A)).toBeNull();
    expect(await deps.advisoryCases.read(advisory)).toMatchObject({
      resolution: { kind: 'withdrawn' },
    });
    expect(deps.notifier.sent.at(-1)).toMatchObject({
      title: `${advisory}: it hits nothing any more`,
    });
    expect((await deps.advisoryCases.timeline(advisory)).at(-1)).toMatchObject({
      ...{ kind: 'closed', text: containing('Newer databases') },
    });
  });

  it('goes on with its clock when the successor is hit too, before any watch', async () => {
    const npmOnly = [npm('qs', '6.5.2')];
    for (const digest of [A, B]) await indexed(deps, digest);
    await indexed(deps, C, npmOnly);
    await runInProd(deps, A, T0);
    useDatabase(deps, 'd', [opensslAdvisory({ id: advisory, severity: 'HIGH' })]);
    await matchIndex(deps);
    const handle = await note();
    await untilLooked(isOpened);
    const before = await deps.advisoryCases.read(advisory);
    await runInProd(deps, B, T1);

    const { dueAt, openedAt } = before!;
    await eventually(async () => {
      expect(await denied()).toContain(B);
      expect(await deps.advisoryCases.list('all', 10)).toMatchObject([
        { dueAt, openedAt, closedAt: null, look: { affected: [{ digest: B }, { digest: B }] } },
      ]);
    });
    await runInProd(deps, C, '2026-01-03T00:00:00.000Z');
    expect(await handle.result()).toMatchObject({ resolution: 'replaced' });
    expect(await deps.quarantine.get(B)).toMatchObject({ cves: [advisory] });
  });

  it('waits for what is released and not matched yet, and says so', async () => {
    await indexed(deps, A);
    await runInProd(deps, A, T0);
    useDatabase(deps, 'd', [opensslAdvisory({ id: advisory })]);
    await matchIndex(deps);
    const handle = await note();
    await untilLooked(isOpened);
    await indexed(deps, C, [npm('qs', '6.5.2')]);
    await runInProd(deps, C, T1);
    await eventually(async () => {
      const { look } = (await deps.advisoryCases.read(advisory)) ?? {};
      expect(look?.unmatched).toEqual([containing(C), containing(C)]);
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await deps.advisoryCases.read(advisory)).toMatchObject({ closedAt: null });
    await matchIndex(deps);

    expect(await handle.result()).toMatchObject({ resolution: 'replaced' });
  });

  it('replays as it ran', async () => {
    await runInProd(deps, A, T0);
    const handle = await note();
    await untilLooked(isOpened);
    await runInProd(deps, B, T1);
    await handle.result();
    const { workflowId } = handle;
    const history = await handle.fetchHistory();
    const recorded = { name: 'advisory-case/replaced', workflowId, history };
    keepHistory(recorded);

    const bundle = { workflowBundle: await loadWorkflowBundle() };
    for await (const { error } of Worker.runReplayHistories(bundle, [recorded])) {
      expect(error).toBeUndefined();
    }
  });

  it('stays open while a target does not answer, and says so', async () => {
    await pin(deps.ledger, A, T0);
    const handle = await note({ running: ['prod'] });
    await untilLooked(isOpened);
    deps.rollout.fail('ROLLOUT_UNAVAILABLE', 1_000_000, 'getState');
    await pin(deps.ledger, B, T1);
    await untilLooked(({ look }) => {
      if (look?.affected.length !== 0 || look.unknown.length === 0) throw new Error('not yet');
    });
    await new Promise((resolve) => setTimeout(resolve, 600));

    expect(await deps.advisoryCases.read(advisory)).toMatchObject({
      closedAt: null,
      look: {
        affected: [],
        unknown: [containing('what shop runs'), containing('what shop'), containing('what shop')],
      },
    });
    await handle.terminate();
  });

  it('lives through an outage of the ledger, and through continue-as-new', async () => {
    await runInProd(deps, A, T0);
    deps.advisoryCases.fail('LEDGER_UNAVAILABLE', 3);
    const handle = await note();
    await eventually(async () => {
      const { runId } = await handle.describe();
      if (runId === handle.signaledRunId) throw new Error('not yet');
    }, 30_000);
    await noteHits(server.environment.client.workflow, { advisory, policy: quickPolicy() }, [
      hitOf({ advisory, svc: 'cart', digest: C, channels: ['stg:stable'] }),
    ]);
    await eventually(async () => {
      expect(await deps.advisoryCases.hitsOf(advisory)).toHaveLength(2);
    });
    await runInProd(deps, B, T1);

    expect(await handle.result()).toMatchObject({ resolution: 'replaced' });
    expect(deps.notifier.sent.map(({ title }) => title)).toEqual([
      `${advisory} (HIGH) hits what is in use`,
      `${advisory}: nothing affected is left`,
    ]);
    expect(deps.emergencyRollups.orders).toHaveLength(1);
  });

  it('says what a person has to do about what could not be rebuilt', async () => {
    await runInProd(deps, A, T0);
    await pin(deps.ledger, A, T0, STAGED);
    const failed: RollupItem = {
      ...{ svc: 'shop', digest: A, wave: 1, state: 'failed', reason: 'the base is gone' },
      releaseId: null,
    };
    deps.emergencyRollups.progress({ ended: true, released: 0, troubled: [failed] });
    const handle = await note();

    await eventually(async () => {
      const { look } = (await deps.advisoryCases.read(advisory)) ?? {};
      expect(look?.todo).toEqual([
        containing('shop: its rebuild failed (the base is gone)'),
        'shop stg:stable: release a version without it there.',
      ]);
    });
    await eventually(() => {
      expect(deps.notifier.sent).toContainEqual(
        expect.objectContaining({ title: `${advisory}: not all could be rebuilt` }),
      );
    });
    await handle.terminate();
  });

  it('gives back what it blocked when a person calls it not affected, and does not come again', async () => {
    await runInProd(deps, A, T0);
    const handle = await note();
    await untilLooked(isOpened);
    expect(await denied()).toEqual([A]);
    await deps.advisoryCases.close(advisory, new Date().toISOString(), {
      ...{ kind: 'not-affected', justification: 'vulnerable_code_not_present' },
      ...{ reason: 'not compiled in', by: 'erin', until: null },
    });
    await handle.signal(ADVISORY_MESSAGES.wake);

    expect(await handle.result()).toMatchObject({ resolution: 'not-affected' });
    expect(await denied()).toEqual([]);
    const again = await note();
    expect(await again.result()).toMatchObject({ resolution: 'not-affected' });
    expect(await denied()).toEqual([]);
    expect(deps.emergencyRollups.orders).toHaveLength(1);
  });

  it('keeps blocked what another advisory wants blocked too, and what a person denied', async () => {
    await runInProd(deps, A, T0);
    const mine = { digest: B, repository: null, reason: 'mine', by: 'erin', at: T0 };
    await deps.allowList.addDenial(mine);
    const other = { advisory: 'CVE-2026-9999', severity: 'HIGH', openedAt: T0 } as const;
    const otherCase = { ...other, dueAt: T1, closedAt: null };
    await deps.advisoryCases.open(otherCase, [hitOf({ advisory: other.advisory })]);
    const handle = await note();
    await note({ svc: 'cart', digest: B, channels: ['stg:stable'] });
    await untilLooked(isOpened);
    await eventually(async () => {
      expect([...(await denied())].sort()).toEqual([A, B].sort());
    });
    await deps.advisoryCases.close(advisory, new Date().toISOString(), {
      ...{ kind: 'not-affected', justification: 'exception', reason: 'x', by: 'erin' },
      until: '2999-01-01T00:00:00.000Z',
    });
    await handle.signal(ADVISORY_MESSAGES.wake);
    await handle.result();

    expect([...(await denied())].sort()).toEqual([A, B].sort());
  });

  it('keeps blocked what a person blocked after it', async () => {
    await runInProd(deps, A, T0);
    const handle = await note();
    await untilLooked(isOpened);
    await deps.allowList.addDenial({
      ...{ digest: A, repository: null, reason: 'breach', by: 'erin', at: T1 },
    });
    await deps.advisoryCases.close(advisory, new Date().toISOString(), {
      ...{ kind: 'not-affected', justification: 'vulnerable_code_not_present' },
      ...{ reason: 'not compiled in', by: 'frank', until: null },
    });
    await handle.signal(ADVISORY_MESSAGES.wake);
    await handle.result();

    expect(await denied()).toEqual([A]);
  });

  it('opens nothing for what is not in use', async () => {
    const handle = await note({ channels: [], running: [] });

    expect(await handle.result()).toMatchObject({ clock: null, closedAt: null });
    expect(await deps.advisoryCases.list('all', 10)).toEqual([]);
    expect(deps.notifier.sent).toEqual([]);
  });

  it('rebuilds nothing where the policy leaves that to people', async () => {
    await runInProd(deps, A, T0);
    const handle = await note(
      {},
      { rollup: 'by-hand', high: { action: 'none', dueMs: 3_600_000 } },
    );
    await eventually(async () => {
      const { look } = (await deps.advisoryCases.read(advisory)) ?? {};
      expect(look?.todo).toEqual(['shop: rebuild it, plura reg rollup run --only shop.']);
    });

    expect(deps.emergencyRollups.orders).toEqual([]);
    expect(await denied()).toEqual([]);
    await handle.terminate();
  });

  it('goes on by its record when its workflow was ended half-way', async () => {
    await runInProd(deps, A, T0);
    const first = await note();
    await untilLooked(isOpened);
    await first.terminate();
    await runInProd(deps, B, T1);

    const second = await noteHits(
      server.environment.client.workflow,
      { advisory, policy: quickPolicy() },
      [],
    );

    expect(await second.result()).toMatchObject({ resolution: 'replaced' });
    expect(await deps.advisoryCases.list('open', 10)).toEqual([]);
  });
});
