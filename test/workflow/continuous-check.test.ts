import { Worker } from '@temporalio/worker';
import type { Deps } from '../../activities';
import type { CheckReport } from '../../src/contract/continuous-check';
import { ReleaseError } from '../../src/contract/errors';
import { releaseWorkflowId } from '../../src/contract/ids';
import { MESSAGES } from '../../src/contract/messages';
import { OLGA, releaseRequest, testPolicy, testService, withoutWindows } from '../support/builders';
import { all, createCheckedLanes, criticals, stableOf, strip } from '../support/checked-lanes';
import { loseSignature } from '../support/checked-service';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps } from '../support/fake-deps';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { it } from '../support/side-by-side';
import { realLanes } from '../support/system-lanes';
import { loadWorkflowBundle } from '../support/temporal';
import { eventually } from '../support/workflow-env';

jest.setTimeout(90_000);

describe('continuousCheckWorkflow', () => {
  const server = useDevServer();
  const { release, settle, start, run, resume } = createCheckedLanes(server);

  it('says nothing where all is well', async () => {
    const checked = await settle('well');

    const report = await run(checked);

    expect(report).toMatchObject({
      outcome: 'clean',
      counts: { services: 1, failing: 0, unchecked: 0, alarmed: 0, errors: 0 },
    });
    expect(await checked.deps.checks.history('well', 5)).toMatchObject([{ outcome: 'ok' }]);
    expect(checked.deps.notifier.sent).toEqual([]);
  });

  it('puts on record what a run finds that has the id of the one before it', async () => {
    const { deps, real } = await settle('same-second');
    const before = await start(real);
    await before.result();

    await (await start(real, 1, before.workflowId)).result();

    expect(await deps.checks.history('same-second', 5)).toMatchObject([{ outcome: 'ok', runs: 2 }]);
  });

  it('blocks what lost its signature, goes back to the verified one, holds the lane and tells', async () => {
    const checked = await settle('bad');
    const [first, second] = checked.digests['bad']!;
    await strip(checked, 'bad', 1);

    const handle = await start(checked.real);
    const report = (await handle.result()) as CheckReport;

    expect(report).toMatchObject({
      outcome: 'failing',
      counts: { failing: 1, blocked: 1, rolledBack: 1, alarmed: 1, errors: 0 },
    });
    expect(await stableOf(checked, 'bad')).toEqual(all(first));
    const { checks, ledger, quarantine, rollout } = checked.deps;
    expect(rollout.states.get('bad/prod')?.warm).toEqual([]);
    expect(await quarantine.get(second!)).toMatchObject({
      actor: 'system:plura',
      reason: containing('signature'),
    });
    expect(await ledger.findBad('bad', second!)).toMatchObject({ actor: 'system:plura' });
    expect((await server.caller.getLane('bad')).hold).toMatchObject({ by: 'system:plura' });
    expect(criticals(checked)[0]).toContain(`bad: rolled back by the check`);
    expect(await checks.history('bad', 1)).toMatchObject([{ outcome: 'rolled-back' }]);
    expect(await checks.rollbacks('bad', 5)).toMatchObject([
      { from: second, to: first, end: 'done' },
    ]);
    expect(await handle.query(MESSAGES.getCheck)).toEqual(report);

    const recorded = {
      name: 'continuous-check/rolled-back',
      workflowId: handle.workflowId,
      history: await handle.fetchHistory(),
    };
    for await (const result of Worker.runReplayHistories(
      { workflowBundle: await loadWorkflowBundle() },
      [recorded],
    )) {
      expect(result.error).toBeUndefined();
    }
    keepHistory(recorded);
  });

  it('never rolls back a rollback, though what it went back to fails too', async () => {
    const checked = await settle('twice');
    const [first] = checked.digests['twice']!;
    await strip(checked, 'twice', 1);
    await run(checked);
    await resume('twice');
    await strip(checked, 'twice', 0);

    const report = await run(checked);

    expect(report.counts).toMatchObject({ rolledBack: 0 });
    expect(report.found.join()).toContain('what a rollback went back to');
    expect(await stableOf(checked, 'twice')).toEqual(all(first));
    // It is all that prod has.
    expect(await checked.deps.quarantine.get(first!)).toBeNull();
    expect(await checked.deps.checks.rollbacks('twice', 5)).toHaveLength(1);
    expect(criticals(checked)).toHaveLength(2);
    expect((await run(checked)).counts).toMatchObject({ failing: 1, alarmed: 0 });
  });

  it('does not flap: a second failure in a day is told, and the lane held', async () => {
    const checked = await settle('flap');
    await strip(checked, 'flap', 1);
    await run(checked);
    await resume('flap');
    const third = await release('flap', '3.0.0');
    await loseSignature(checked.deps, 'apps/flap/flap', third);

    const report = await run(checked);

    expect(report.counts).toMatchObject({ rolledBack: 0 });
    expect(await stableOf(checked, 'flap')).toEqual(all(third));
    expect(await checked.deps.quarantine.get(third)).toBeNull();
    expect((await server.caller.getLane('flap')).hold).toMatchObject({
      by: 'system:plura',
      reason: containing('at most 1 times'),
    });
    expect(await checked.deps.checks.rollbacks('flap', 5)).toHaveLength(1);
  });

  it('does nothing while the registry is away, and tells after three runs', async () => {
    const checked = await settle('away');
    const [, second] = checked.digests['away']!;
    await strip(checked, 'away', 1);
    checked.deps.registry.fail('REGISTRY_UNAVAILABLE', 10_000);

    const reports = [await run(checked), await run(checked)];
    const silent = [...checked.deps.notifier.sent];
    await run(checked);

    expect(reports.map(({ counts }) => [counts.unchecked, counts.blocked])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(silent).toEqual([]);
    expect(checked.deps.notifier.sent).toMatchObject([
      { severity: 'warning', title: containing('could not be checked') },
    ]);
    const { checks, ledger, quarantine } = checked.deps;
    expect(await checks.history('away', 5)).toMatchObject([{ outcome: 'unchecked', runs: 3 }]);
    expect(await quarantine.get(second!)).toBeNull();
    expect(await ledger.getChannel('away', { env: 'prod', tag: 'stable' })).toMatchObject({
      digest: second,
    });
  });

  it('waits for a ledger that is away for a moment', async () => {
    const checked = await settle('moment');
    checked.deps.ledger.fail('LEDGER_UNAVAILABLE', 1, 'openMoves');

    expect(await run(checked)).toMatchObject({ outcome: 'clean', counts: { errors: 0 } });
  });

  it('settles what it found when it is stopped before the end of the catalogue', async () => {
    const checked = await settle('first');
    const [first] = checked.digests['first']!;
    await strip(checked, 'first', 1);
    const others = Array.from({ length: 8 }, (_, one) => testService(`other-${String(one)}`));
    const services = [testService('first'), ...others];
    const { ledger } = checked.deps;
    const gone = new ReleaseError('UNKNOWN_SERVICE', 'the test stops the walk here');
    let slices = 0;
    const stopping: Deps = {
      ...{ ...checked.deps, services, systemLanes: realLanes(server) },
      now: () => new Date(Date.now() + 61_000 * slices++),
      ledger: {
        ...ledger,
        openMoves: (svc) => (svc === 'other-7' ? Promise.reject(gone) : ledger.openMoves(svc)),
      },
    };
    server.workers.use('first', stopping);

    const report = await run({ real: stopping });

    expect(report).toMatchObject({ outcome: 'incomplete', counts: { services: 8, rolledBack: 1 } });
    expect(report.errors.join()).toContain('the test stops the walk here');
    expect(await stableOf(checked, 'first')).toEqual(all(first));
  });

  it('continues as new in a catalogue that is long, and ends with all of it', async () => {
    const names = Array.from({ length: 300 }, (_, one) => `long-${String(one)}`);
    const deps = await createFakeDeps({ services: names.map((svc) => testService(svc)) });
    let looks = 0;
    // Each slice takes as long as one may.
    const slow: Deps = { ...deps, now: () => new Date(Date.now() + 61_000 * looks++) };

    const handle = await start(slow);
    const report = (await handle.result()) as CheckReport;

    expect(report).toMatchObject({ outcome: 'clean', counts: { services: 300, errors: 0 } });
    const described = await server.environment.client.workflow
      .getHandle(handle.workflowId)
      .describe();
    expect(described.runId).not.toBe(handle.firstExecutionRunId);
  });

  it('leaves a release that is under way alone', async () => {
    const checked = await settle('busy');
    const [, second] = checked.digests['busy']!;
    const approval = { ...testPolicy().approval, required: true };
    const request = releaseRequest('busy', '3.0.0', {
      policy: withoutWindows(testPolicy({ approval })),
    });
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(request.releaseId, 'approval'));
    await strip(checked, 'busy', 1);

    const report = await run(checked);

    expect(report.counts).toMatchObject({ rolledBack: 0, blocked: 0 });
    expect(report.found.join()).toContain(`release ${request.releaseId} is under way`);
    expect(await stableOf(checked, 'busy')).toEqual(all(second));
    const waiting = server.environment.client.workflow.getHandle(
      releaseWorkflowId(request.releaseId),
    );
    expect((await waiting.describe()).status.name).toBe('RUNNING');
    await server.caller.decide(request.releaseId, 'abort', OLGA);
    await server.caller.result(request.releaseId);
  });

  it('moves none where more services fail at once than the policy believes', async () => {
    const services = ['one', 'three', 'two'];
    const checked = await settle(...services);
    for (const svc of services) await strip(checked, svc, 1);

    const report = await run(checked);

    expect(report.counts).toMatchObject({ failing: 3, rolledBack: 0, blocked: 0 });
    for (const svc of services) {
      expect(await stableOf(checked, svc)).toEqual(all(checked.digests[svc]![1]));
    }
    expect(criticals(checked)[0]).toContain('3 services fail at once');
  });

  it('takes what is over at the second look for a glitch', async () => {
    const checked = await settle('glitch');
    const [, second] = checked.digests['glitch']!;
    checked.deps.ledger.quarantined.add(second!);
    const handle = await start(checked.real, 2_000);
    await eventually(async () => {
      const { counts } = await handle.query<CheckReport>(MESSAGES.getCheck);
      expect(counts.services).toBe(1);
    });
    checked.deps.ledger.quarantined.delete(second!);

    const report = (await handle.result()) as CheckReport;

    expect(report).toMatchObject({ outcome: 'clean', counts: { failing: 0, alarmed: 0 } });
    expect(await checked.deps.checks.history('glitch', 1)).toMatchObject([{ outcome: 'ok' }]);
  });

  it('goes on with the next service when one can not be put right, and tells', async () => {
    const checked = await settle('left', 'right', 'calm', 'quiet');
    await strip(checked, 'left', 1);
    await strip(checked, 'right', 1);
    checked.deps.rollout.breakImage(checked.digests['left']![0]!);

    const report = await run(checked);

    expect(report.counts).toMatchObject({ failing: 2, rolledBack: 1 });
    expect(await stableOf(checked, 'left')).toEqual(all(checked.digests['left']![1]));
    expect(await stableOf(checked, 'right')).toEqual(all(checked.digests['right']![0]));
    expect(criticals(checked).join('\n')).toContain('left: the check could not roll back');
    expect(await checked.deps.quarantine.get(checked.digests['left']![1]!)).toBeNull();
    expect(await checked.deps.checks.rollbacks('left', 1)).toMatchObject([{ end: 'failed' }]);
  });
});
