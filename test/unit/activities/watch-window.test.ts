import { ApplicationFailure } from '@temporalio/common';
import { withFailures } from '../../../activities/failures';
import {
  createWatchWindowActivities,
  type Watched,
  type WatchWindowInput,
} from '../../../activities/watch-window';
import { startWindow } from '../../../src/domain/window';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { createFakeMetricsSource, healthySample } from '../../support/fakes/metrics-source';
import { CANDIDATE, STABLE } from '../../support/window-evidence';

const START = Date.parse('2026-03-01T12:00:00.000Z');
const AT = { svc: 'shop', env: 'prod' } as const;
const RULES = { windowMs: 60_000, checkpointMs: 10_000, maxExtensions: 0 };

/** Looked at last at its first checkpoint, when it passed. */
const INPUT: WatchWindowInput = {
  state: { ...startWindow(START), last: { outcome: 'pass', toMs: START + 10_000 } },
  rules: RULES,
  release: { releaseId: 'shop/2.0.0_abc', svc: 'shop', policyHash: 'sha256:p' },
  gate: 'observation',
  subject: '10 %',
  env: 'prod',
  digest: CANDIDATE,
  guardrails: { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 10 },
  served: { epoch: 2, percent: 10, since: '2026-03-01T12:00:00.000Z' },
};

interface Attempt {
  /** Seconds of the window. */
  readonly due: number;
  /** Of the worker's clock; without it when it is due. */
  readonly now?: number;
  readonly errors?: number;
  readonly requests?: number;
  /** Real time that metrics take to answer, in ms. */
  readonly takesMs?: number;
}

interface Looked {
  readonly seen: Watched | null;
  readonly failure: unknown;
  readonly deps: FakeDeps;
}

async function attempt(
  { due, now = due, errors = 0, requests = 100, takesMs = 0 }: Attempt,
  arrange: (deps: FakeDeps) => void = () => undefined,
): Promise<Looked> {
  const deps = await createFakeDeps();
  const write = { ...AT, epoch: 2 };
  const image = (digest: typeof STABLE) => ({ repository: 'apps/shop/shop', digest });
  await deps.rollout.makeStable(write, image(STABLE), '/healthz', 1);
  await deps.rollout.startCandidate(write, image(CANDIDATE), '/healthz', 1);
  await deps.rollout.setCandidatePercent(write, CANDIDATE, 10);
  arrange(deps);
  const activities = withFailures({
    ...createWatchWindowActivities({
      ...deps,
      metrics: {
        ...createFakeMetricsSource(() => healthySample({ errors, requests })),
        sampleWindow: async () => {
          await new Promise((resolve) => setTimeout(resolve, takesMs));
          return healthySample({ errors, requests });
        },
      },
      now: () => new Date(START + now * 1_000),
    }),
  });
  const info = { attempt: 2, currentAttemptScheduledTimestampMs: START + due * 1_000 };
  try {
    const run = (input: WatchWindowInput): Promise<Watched> => activities.watchWindow(input);
    return { seen: await quietEnvironment(info).run(run, INPUT), failure: null, deps };
  } catch (failure) {
    return { seen: null, failure, deps };
  }
}

function delayOf(failure: unknown): unknown {
  return failure instanceof ApplicationFailure && failure.type === 'NOT_YET'
    ? Number(failure.nextRetryDelay)
    : failure;
}

const recorded = ({ deps }: Looked): readonly string[] =>
  deps.ledger.verdicts.map(({ verdict }) => `${verdict.subject}: ${verdict.outcome}`);

describe('watchWindow', () => {
  it('measures nothing before the next checkpoint', async () => {
    const looked = await attempt({ due: 12 });

    expect(delayOf(looked.failure)).toBe(8_000);
    expect(recorded(looked)).toEqual([]);
  });

  it('records a look that passes, and comes again at the checkpoint after it', async () => {
    const looked = await attempt({ due: 20, now: 21 });

    expect(delayOf(looked.failure)).toBe(9_000);
    expect(recorded(looked)).toEqual(['10 %: pass']);
  });

  it('is about the moment it was due, but about now when it comes late', async () => {
    const soon = await attempt({ due: 20, now: 22, errors: 50 });
    const late = await attempt({ due: 20, now: 34, errors: 50 });

    expect(soon.seen?.toMs).toBe(START + 20_000);
    expect(late.seen?.toMs).toBe(START + 34_000);
  });

  it('leaves the end of the window to the release', async () => {
    const { seen } = await attempt({ due: 50 });

    expect(seen).toMatchObject({ measured: { outcome: 'pass' }, rollout: { outcome: 'pass' } });
  });

  it.each([
    ['a clock that is ahead', 24],
    ['a late worker', 24.5],
  ])('is one look a checkpoint with %s', async (_what, now) => {
    const looked = await attempt({ due: 20, now });

    expect(delayOf(looked.failure)).toBe(30_000 - now * 1_000);
  });

  it('takes a look a moment before its checkpoint for the one of that checkpoint', async () => {
    const looked = await attempt({ due: 29.9 });

    expect(delayOf(looked.failure)).toBe(10_100);
  });

  it('waits by the clock of the server', async () => {
    const looked = await attempt({ due: 12, now: 42 });

    expect(delayOf(looked.failure)).toBe(8_000);
    expect(recorded(looked)).toEqual([]);
  });

  it('tells that a newer writer owns the service, whatever is measured', async () => {
    const { failure } = await attempt({ due: 20, errors: 50 }, ({ rollout }) => {
      rollout.fail('FENCED', 1, 'getState');
    });

    expect(failure).toMatchObject({ type: 'FENCED', nonRetryable: true });
  });

  it('records nothing of what is not answered in time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const looking = attempt({ due: 20, errors: 50, takesMs: 25_000 });
    await jest.advanceTimersByTimeAsync(30_000);
    jest.useRealTimers();

    const looked = await looking;

    expect(looked.seen).toMatchObject({ measured: null, rollout: { outcome: 'pass' } });
    expect(recorded(looked)).toEqual([]);
  });

  it('tells a regression', async () => {
    const looked = await attempt({ due: 20, errors: 50 });

    expect(looked.seen?.measured?.outcome).toBe('fail');
    expect(recorded(looked)).toEqual(['10 %: fail']);
  });

  it('tells what can no longer be judged', async () => {
    const { seen } = await attempt({ due: 20, requests: 1 });

    expect(seen?.measured?.outcome).toBe('inconclusive');
  });

  it('tells a digest that no longer runs as it was left', async () => {
    const looked = await attempt({ due: 20 }, ({ rollout }) => {
      rollout.show(AT, { trouble: 'its container ended with code 3' });
    });

    expect(looked.seen?.rollout?.reasons).toEqual(['its container ended with code 3']);
    expect(recorded(looked)).toContain('10 %, rollout: fail');
  });

  it('calls nothing a pass while the rollout target does not answer', async () => {
    const { seen } = await attempt({ due: 20 }, ({ rollout }) => {
      rollout.fail('ROLLOUT_UNAVAILABLE', 1, 'getState');
    });

    expect(seen).toMatchObject({ measured: { outcome: 'pass' }, rollout: null });
  });

  it('calls nothing a pass that the ledger did not take', async () => {
    const { seen } = await attempt({ due: 20 }, ({ ledger }) => {
      ledger.fail('LEDGER_UNAVAILABLE', 1, 'recordVerdict');
    });

    expect(seen).toMatchObject({ measured: null, rollout: { outcome: 'pass' } });
  });
});
