import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { AdvisoryWatchReport } from '../../src/contract/advisory-watch-messages';
import { TOUCHED_RESCAN_ID } from '../../src/contract/ids';
import { MESSAGES, WORKFLOWS, type RescanReport } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Advisory } from '../../src/domain/advisories/advisory';
import type { AdvisoryHit } from '../../src/domain/advisories/case';
import { advisoryPolicyOf } from '../../src/domain/advisories/policy';
import { createAdvisoryAnswers } from '../../src/orchestrator/advisory-cases';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { HIGH_FINDING } from '../support/fakes/scanner';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { keepImage, rescanSettings } from '../support/rescan-world';
import { loadWorkflowBundle } from '../support/temporal';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const LONG_AGO = '2026-01-01T00:00:00.000Z';
const NEW_DATABASE = `sha256:${'e'.repeat(64)}`;
/** Of the fake SBOM. */
const STDLIB: Advisory = {
  id: 'CVE-2026-0001',
  space: 'go',
  name: 'stdlib',
  source: 'go::GitHub Security Advisory Go',
  severity: 'HIGH',
  status: 'fixed',
  range: { kind: 'ranges', vulnerable: ['< 99.0.0'], patched: ['99.0.0'], unaffected: [] },
};

describe('advisoryWatchWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let runs = 0;

  beforeEach(async () => {
    deps = await createFakeDeps({ scanner: { findings: [HIGH_FINDING] } });
    for (const svc of ['', 'shop']) server.workers.use(svc, deps);
  });

  function start(): Promise<WorkflowHandleWithFirstExecutionRunId> {
    runs += 1;
    return server.environment.client.workflow.start(WORKFLOWS.advisoryWatch, {
      workflowId: `advisory-watch-${String(runs)}`,
      taskQueue: TASK_QUEUES.release,
      args: [{ settings: { rescan: rescanSettings(), sboms: 2, packages: 1 } }],
    });
  }

  async function run(): Promise<AdvisoryWatchReport> {
    return (await (await start()).result()) as AdvisoryWatchReport;
  }

  function bring(...advisories: readonly Advisory[]): void {
    deps.advisoryDatabase.advisories = advisories;
    deps.advisoryDatabase.digest = NEW_DATABASE;
    const updatedAt = new Date().toISOString();
    deps.scanner.describeDatabase = () =>
      Promise.resolve({ digest: NEW_DATABASE, updatedAt, canaryFound: true });
  }

  it('indexes what was released, matches it, and has nothing to tell', async () => {
    for (const name of ['one', 'two', 'three']) await keepImage(deps, name, LONG_AGO);

    const first = await run();
    const second = await run();

    const counts = { indexed: 3, looked: 1, matched: 1, appeared: 0, cases: 0, errors: 0 };
    expect(first).toMatchObject({ outcome: 'done', isNew: true, rescans: false, counts });
    expect(second).toMatchObject({
      outcome: 'done',
      isNew: false,
      counts: { indexed: 0, looked: 0 },
    });
    expect(deps.notifier.sent).toEqual([]);
  });

  it('tells the case of what a new database hits, and has it scanned at once', async () => {
    const digest = await keepImage(deps, 'one', LONG_AGO);
    await run();
    bring(STDLIB);

    const handle = await start();
    const report = (await handle.result()) as AdvisoryWatchReport;

    expect(report).toMatchObject({
      ...{ outcome: 'done', isNew: true, database: NEW_DATABASE, rescans: true },
      ...{ counts: { appeared: 1, cases: 1 }, found: [containing(STDLIB.id)] },
    });
    expect(await handle.query(MESSAGES.getAdvisoryWatch)).toEqual(report);
    expect(deps.advisoryCaseRuns.told).toMatchObject([
      { advisory: STDLIB.id, hits: [{ digest, channels: ['prod:stable'] }] },
    ]);
    const rescan = server.environment.client.workflow.getHandle(TOUCHED_RESCAN_ID);
    const rescanned = (await rescan.result()) as RescanReport;
    expect(rescanned).toMatchObject({ outcome: 'bad', counts: { scanned: 1, bad: 1 } });
    const newest = await deps.ledger.newestScan('shop', digest);
    expect(newest?.verdict).toMatchObject({ outcome: 'fail' });

    const name = 'advisory-watch/hit';
    const recorded = {
      ...{ name, workflowId: handle.workflowId, history: await handle.fetchHistory() },
    };
    for await (const result of Worker.runReplayHistories(
      { workflowBundle: await loadWorkflowBundle() },
      [recorded],
    )) {
      expect(result.error).toBeUndefined();
    }
    keepHistory(recorded);
  });

  it('begins the case, and leaves it alone once it knows', async () => {
    const digest = await keepImage(deps, 'one', LONG_AGO);
    bring(STDLIB);
    const answers = createAdvisoryAnswers(server.environment.client, 10_000);
    const policy = advisoryPolicyOf({});
    const joined: FakeDeps = Object.assign(Object.create(deps) as FakeDeps, {
      advisoryCaseRuns: {
        noteHits: (advisory: string, hits: readonly AdvisoryHit[]) =>
          answers.noteHits({ advisory, policy }, hits),
      },
    });
    for (const svc of ['', 'shop']) server.workers.use(svc, joined);

    const first = await run();
    const held = await eventually(async () => {
      const hits = await deps.advisoryCases.hitsOf(STDLIB.id);
      if (hits.length === 0) throw new Error('not yet');
      return hits;
    }, 30_000);
    const second = await run();

    expect(first).toMatchObject({ counts: { cases: 1 } });
    expect(held).toMatchObject([{ digest, severity: 'HIGH' }]);
    expect(second).toMatchObject({ counts: { cases: 0 } });
  });

  it('answers what is known when there is no database to be believed, and says so once a day', async () => {
    await keepImage(deps, 'one', LONG_AGO);
    bring(STDLIB);
    await run();
    deps.scanner.describeDatabase = () =>
      Promise.resolve({ digest: NEW_DATABASE, updatedAt: LONG_AGO, canaryFound: false });

    const report = await run();

    expect(report).toMatchObject({ outcome: 'incomplete', counts: { cases: 1, errors: 1 } });
    expect(deps.advisoryCaseRuns.told).toHaveLength(2);
    const own = deps.notifier.sent.filter(({ id }) => id.startsWith('advisory-watch/'));
    expect(own.map(({ id }) => id)).toEqual([
      `advisory-watch/${report.startedAt.slice(0, 10)}/incomplete`,
    ]);
  });
});
