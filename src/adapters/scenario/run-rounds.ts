import { setTimeout as sleep } from 'node:timers/promises';
import type { ScenarioLoad } from '../../domain/scenario-limits';
import type { ScenarioResult } from '../../ports/scenarios';

type Results = readonly ScenarioResult[];

export interface RoundHooks {
  readonly onRound?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A service slower than the pace gets this many rounds at a time, and then waits for one to end. */
const MAX_UNDERWAY = 8;

/** Starts a round every `paceMs` and sums the results up. Rejects as the first round that does, when none is under way. */
export async function runRounds(
  { rounds, paceMs }: ScenarioLoad,
  runOnce: () => Promise<Results>,
  { onRound, signal }: RoundHooks,
): Promise<Results> {
  const underway = new Set<Promise<void>>();
  const problems: unknown[] = [];
  let sum: Results = [];
  let done = 0;

  async function round(): Promise<void> {
    try {
      const results = await runOnce();
      sum = done === 0 ? results.map(countFirst) : sum.map((one, at) => add(one, results[at]));
      done += 1;
      onRound?.(done);
    } catch (error) {
      problems.push(error);
    }
  }

  const startedAt = performance.now();
  for (let started = 0; started < rounds && problems.length === 0; started += 1) {
    await waitUntil(startedAt + started * paceMs, signal);
    if (underway.size >= MAX_UNDERWAY) {
      await Promise.race(underway);
    }
    const one: Promise<void> = round().finally(() => underway.delete(one));
    underway.add(one);
  }
  await Promise.all(underway);
  if (problems.length > 0) {
    throw problems[0];
  }
  return sum;
}

/** Ends early when it is aborted: the next round then says so. */
async function waitUntil(time: number, signal?: AbortSignal): Promise<void> {
  const ms = time - performance.now();
  if (ms > 0) {
    await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

function countFirst(result: ScenarioResult): ScenarioResult {
  const rounds = { run: 1, failed: result.ok ? 0 : 1, requests: result.steps.length };
  return { ...result, rounds };
}

function add(sum: ScenarioResult, round: ScenarioResult | undefined): ScenarioResult {
  if (!round || !sum.rounds) {
    return sum;
  }
  const { rounds } = countFirst(round);
  return {
    ...(sum.ok ? round : sum),
    rounds: {
      run: sum.rounds.run + 1,
      failed: sum.rounds.failed + (rounds?.failed ?? 0),
      requests: sum.rounds.requests + (rounds?.requests ?? 0),
    },
  };
}
