import { CancellationScope } from '@temporalio/workflow';
import type { Verdict } from '../../src/domain/verdict';
import { describeFailure } from './failure';
import type { ReleaseRun } from './release-run';

/**
 * What nobody could measure leaves a verdict too. It is kept while the release goes on: a ledger that is down as well must not keep traffic
 * on a candidate that nobody sees. That it could not be kept is shown, and stops nothing.
 */
export function recordUnmeasured(run: ReleaseRun, verdict: Verdict): void {
  run.progress.record(verdict);
  run.recording.push(CancellationScope.nonCancellable(() => keep(run, verdict)));
}

/**
 * Before the next look, whose verdict must be the newer one, and before the release ends. Releases of before there were plans record nothing
 * here: their callers ask first, as even an empty wait may change the order of commands.
 */
export async function settleRecording({ recording }: ReleaseRun): Promise<void> {
  const all = [...recording];
  // An abort does not wait for a ledger that is down; the end of the release does.
  await Promise.race([Promise.all(all), CancellationScope.current().cancelRequested]);
  void recording.splice(0, all.length);
}

async function keep(run: ReleaseRun, verdict: Verdict): Promise<void> {
  const { gate, subject } = verdict;
  try {
    await run.proxies.quick.recordUnmeasured.executeWithOptions(
      { summary: `${gate} ${subject}: not measured` },
      [{ release: run.release, verdict }],
    );
  } catch (error) {
    const { message } = describeFailure(error);
    run.progress.note(
      `The ledger does not say that ${gate} ${subject} was not measured: ${message}`,
    );
  }
}
