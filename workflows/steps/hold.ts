import type { Verdict } from '../../src/domain/verdict';
import { alertPeople } from './alerts';
import type { ReleaseRun } from './release-run';
import type { WindowPlan } from './windows';

/** True: traffic stays as it is, and the window goes on until it can be decided or somebody aborts. */
export function isHeld({ comparison }: WindowPlan, { outcome }: Verdict): boolean {
  if (outcome === 'pass' || outcome === 'fail' || !comparison) return false;
  return comparison.undecided[outcome].then === 'hold';
}

/** Does not wait for the alert to be delivered: where that takes its time, the candidate is looked at all the same. */
export function tellHeld(run: ReleaseRun, plan: WindowPlan, verdict: Verdict): void {
  const what = `${plan.gate} ${plan.subject}`;
  const why = verdict.reasons.join('; ');
  run.progress.note(`${what} holds: ${why}. It goes on until it can be judged, or is aborted.`);
  void alertPeople(run, {
    id: `hold/${what}`,
    title: `${what} holds`,
    text: `${why}. Traffic stays as it is; abort the release, or give it traffic.`,
  });
}
