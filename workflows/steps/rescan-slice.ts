import type { RescanState } from '../../src/contract/messages';
import { alarmBad } from './rescan-alarms';
import { count, noteErrors, noteFound, report, type RescanRun } from './rescan-run';

export async function lookForRunning(run: RescanRun): Promise<void> {
  const { running, errors } = await run.activities.findRunning.executeWithOptions(
    { summary: 'what runs' },
    [{ settings: run.input.settings }],
  );
  run.state = { ...run.state, running };
  noteErrors(run, errors);
}

function summaryOf(after: RescanState['after']): string {
  if (after === null) return 'what new advisories hit';
  return after.svc === '' ? 'longest unscanned' : `after ${after.svc}`;
}

/** Scans the next slice of what is due, and alarms of what went bad. False when all was looked at. */
export async function scanSlice(run: RescanRun): Promise<boolean> {
  const { settings, target = null } = run.input;
  const { after, running, report: before } = run.state;
  const slice = await run.activities.rescanSlice.executeWithOptions({ summary: summaryOf(after) }, [
    { settings, target, running, runStartedAt: before.startedAt, after },
  ]);
  const { looked, scanned, findings, errors, databaseAt } = slice;
  const bad = findings.filter(({ change }) => change !== 'good-again');
  count(run, { looked, scanned, bad: bad.length });
  report(run, { databaseAt });
  noteErrors(run, errors);
  noteFound(
    run,
    findings.map(({ svc, digest, change, refused }) =>
      change === 'good-again'
        ? `${svc} ${digest} is good again`
        : `${svc} ${digest}: ${refused.join(', ')}`,
    ),
  );
  for (const finding of findings) {
    if (finding.change !== 'good-again') await alarmBad(run, finding);
  }
  run.state = { ...run.state, after: slice.next };
  return slice.next !== null;
}
