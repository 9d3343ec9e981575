import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { TOUCHED_RESCAN_ID } from '../../src/contract/ids';
import { TASK_QUEUES } from '../../src/contract/queues';
import { rescanWorkflow } from '../rescan';
import { count, noteErrors, report, type WatchRun } from './advisory-watch-run';
import { firstLines } from './report';

/** False when nothing of it is left. */
export async function indexNext(run: WatchRun): Promise<boolean> {
  const { sboms: limit } = run.input.settings;
  const slice = await run.activities.indexComponents.executeWithOptions(
    { summary: 'SBOMs that the index lacks' },
    [{ after: run.state.indexAfter, limit }],
  );
  count(run, { indexed: slice.indexed });
  noteErrors(run, slice.errors);
  run.state = { ...run.state, indexAfter: slice.next };
  return slice.next !== null;
}

/** Likewise. */
export async function matchNext(run: WatchRun): Promise<boolean> {
  const { rescan, packages: limit } = run.input.settings;
  const { matchAfter: after, report: before } = run.state;
  const slice = await run.activities.matchAdvisories.executeWithOptions(
    { summary: after === null ? 'packages with their advisories' : `after package ${after}` },
    [{ scan: rescan.scan, database: before.database, after, limit }],
  );
  const { looked, matched, appeared, vanished, changed } = slice;
  count(run, { looked, matched, appeared, vanished, changed });
  const { digest: database, updatedAt: databaseAt } = slice.database;
  report(run, { database, databaseAt, isNew: before.isNew || slice.all });
  run.state = { ...run.state, matchAfter: slice.next };
  return slice.next !== null;
}

export async function findWorkloads(run: WatchRun): Promise<void> {
  const { errors } = await run.activities.findWorkloads.executeWithOptions(
    { summary: 'what runs' },
    [],
  );
  noteErrors(run, errors);
}

export async function noteCases(run: WatchRun): Promise<void> {
  const { told, first, errors } = await run.activities.noteAdvisoryCases.executeWithOptions(
    { summary: 'advisories that hit prod' },
    [],
  );
  count(run, { cases: told });
  report(run, { found: firstLines(first) });
  noteErrors(run, errors);
}

/** At once, and not when the next rescan is due: from then on admission goes by what the scanner says of it. */
export async function rescanTouched(run: WatchRun): Promise<void> {
  const { rescan: settings } = run.input.settings;
  const isTouched = await run.activities.hasTouched.executeWithOptions(
    { summary: 'whether what is kept is hit by other advisories' },
    [{ settings }],
  );
  if (!isTouched) return;
  try {
    await startChild(rescanWorkflow, {
      workflowId: TOUCHED_RESCAN_ID,
      taskQueue: TASK_QUEUES.release,
      args: [{ settings }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: 'What new advisories hit is scanned again',
    });
    report(run, { rescans: true });
  } catch (error) {
    // One is under way; the next run looks again.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
