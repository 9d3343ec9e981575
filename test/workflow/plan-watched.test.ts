import { releaseWorkflowId } from '../../src/contract/ids';
import { keepHistory } from '../support/keep-history';
import { slowed, usePlanServer, type PlannedRelease } from '../support/plan-release';
import { startDevServer } from '../support/temporal';

jest.setTimeout(90_000);

const SECOND = 1_000;
const CHECKPOINT_MS = 3 * SECOND;

/** How long after the start of its window each look of the canary ended, in seconds. */
function looksOf({ deps }: PlannedRelease): readonly number[] {
  return deps.ledger.verdicts.flatMap(({ verdict: { subject, evidence } }) => {
    const { from, to } = evidence as { readonly from?: string; readonly to?: string };
    if (subject !== '25 %' || from === undefined || to === undefined) return [];
    return [(Date.parse(to) - Date.parse(from)) / SECOND];
  });
}

// On the dev server: the one that skips time says that a retry is due when it was decided.
describe('a window that passes', () => {
  const server = usePlanServer(undefined, startDevServer);

  it('is watched by one activity, which looks when checkpoints are due', async () => {
    const release = await server.start('watched', {
      series: slowed(1),
      given: {
        canary: {
          steps: [{ percent: 25, windowMs: 5 * CHECKPOINT_MS }],
          checkpointMs: CHECKPOINT_MS,
        },
        observation: { windowMs: 0 },
        judge: { sampleIntervalMs: 80 },
      },
    });

    const { result } = await release.end();
    const history = await release.handle.fetchHistory();
    keepHistory({
      name: 'release/watched',
      workflowId: releaseWorkflowId(release.request.releaseId),
      history,
    });

    expect(result.outcome).toBe('released');
    const looks = looksOf(release);
    expect(looks.map((seconds) => Math.round(seconds * 2) / 2)).toEqual([3, 6, 9, 12, 15]);
    const ordered = (history.events ?? []).map(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name,
    );
    expect(ordered.filter((name) => name === 'watchWindow')).toHaveLength(1);
    expect(ordered.filter((name) => name === 'measureWindow')).toHaveLength(2);
  });
});
