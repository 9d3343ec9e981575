import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import {
  MESSAGES,
  WORKFLOWS,
  type RescanInput,
  type RescanReport,
} from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps, type FakeDepsOptions } from '../support/fake-deps';
import { HIGH_FINDING } from '../support/fakes/scanner';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { keepImage, rescanSettings } from '../support/rescan-world';
import { loadWorkflowBundle } from '../support/temporal';

jest.setTimeout(60_000);

const LONG_AGO = '2026-01-01T00:00:00.000Z';
const VULNERABLE = { scanner: { findings: [HIGH_FINDING] } };

describe('rescanWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let runs = 0;

  async function given(options: FakeDepsOptions = {}): Promise<void> {
    deps = await createFakeDeps(options);
    // Only alarms name a service.
    for (const svc of ['', 'shop']) server.workers.use(svc, deps);
  }

  function start(input: Partial<RescanInput> = {}): Promise<WorkflowHandleWithFirstExecutionRunId> {
    runs += 1;
    return server.environment.client.workflow.start(WORKFLOWS.rescan, {
      workflowId: `rescan-${String(runs)}`,
      taskQueue: TASK_QUEUES.release,
      args: [{ settings: rescanSettings({ sliceSize: 2 }), ...input }],
    });
  }

  async function run(input: Partial<RescanInput> = {}): Promise<RescanReport> {
    return (await (await start(input)).result()) as RescanReport;
  }

  it('scans all that is due, slice by slice, and ends clean without a word', async () => {
    await given();
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      await keepImage(deps, name, LONG_AGO);
    }

    const report = await run();

    expect(report).toMatchObject({
      outcome: 'clean',
      counts: { looked: 5, scanned: 5, bad: 0, alarmed: 0, errors: 0 },
    });
    expect(report.endedAt).not.toBeNull();
    expect(deps.notifier.sent).toEqual([]);
    expect(await run()).toMatchObject({ outcome: 'clean', counts: { scanned: 0 } });
  });

  it('alarms of what went bad, with its findings and where it is, once a day', async () => {
    await given(VULNERABLE);
    const digest = await keepImage(deps, 'one', LONG_AGO);

    const handle = await start();
    const report = (await handle.result()) as RescanReport;
    const again = await run({ target: { svc: 'shop', digest } });

    expect(report).toMatchObject({ outcome: 'bad', counts: { scanned: 1, bad: 1, alarmed: 1 } });
    expect(again).toMatchObject({ outcome: 'bad', counts: { scanned: 1, bad: 1, alarmed: 1 } });
    expect(deps.notifier.sent).toHaveLength(1);
    expect(deps.notifier.sent[0]).toMatchObject({
      severity: 'critical',
      svc: 'shop',
      title: 'shop: vulnerabilities in prod:stable',
      text: containing('CVE-2022-24999 qs@6.5.2'),
    });
    expect(await handle.query(MESSAGES.getRescan)).toEqual(report);

    const recorded = {
      name: 'rescan/bad',
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

  it('ends as incomplete and alarms when it may not scan, with the last verdicts as they were', async () => {
    await given({ scanner: { database: { canaryFound: false } } });
    const digest = await keepImage(deps, 'one', LONG_AGO);
    // Refused for good, so that the test need not wait for retries.
    deps.scanner.fail('FORBIDDEN', 10, 'describeDatabase');

    const report = await run();

    expect(report).toMatchObject({ outcome: 'incomplete', counts: { scanned: 0, errors: 1 } });
    expect((await deps.ledger.newestScan('shop', digest))?.at).toBe(LONG_AGO);
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'warning', title: containing('scanned again') },
    ]);
  });

  it('goes on when what runs can not be found out, and when an alarm is not delivered', async () => {
    await given(VULNERABLE);
    await keepImage(deps, 'one', LONG_AGO);
    deps.rollout.fail('ROLLOUT_UNAVAILABLE', 100, 'getState');
    deps.notifier.fail('FORBIDDEN', 100);

    const report = await run();

    expect(report).toMatchObject({ outcome: 'incomplete', counts: { scanned: 1, bad: 1 } });
    expect(report.errors.join('\n')).toContain('what shop runs');
    expect(report.errors.join('\n')).toContain('not delivered');
  });

  it('scans nothing but what was asked for', async () => {
    await given();
    await keepImage(deps, 'one', LONG_AGO);
    const digest = await keepImage(deps, 'two', LONG_AGO);

    expect(await run({ target: { svc: 'shop', digest } })).toMatchObject({
      counts: { looked: 1, scanned: 1 },
    });
  });

  it('keeps its place and its counts when it continues as new', async () => {
    await given();
    for (const name of ['one', 'two', 'three']) await keepImage(deps, name, LONG_AGO);
    const [first] = await deps.rescans.listKept({
      windowSince: LONG_AGO,
      windowPins: 5,
      limit: 1,
    });
    const counts = { looked: 1, scanned: 1, bad: 0, alarmed: 0, errors: 0 };
    const report = {
      ...{ startedAt: new Date().toISOString(), endedAt: null, outcome: null, databaseAt: null },
      ...{ counts, found: [], errors: [] },
    };
    const after = { svc: 'shop', digest: first!.digest, scannedAt: LONG_AGO, rest: true } as const;

    const ended = await run({ state: { report, running: [], after } });

    expect(ended).toMatchObject({ startedAt: report.startedAt, counts: { looked: 3, scanned: 3 } });
  });
});
