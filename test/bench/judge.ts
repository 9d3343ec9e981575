import { performance } from 'node:perf_hooks';
import { judgeSamples } from '../../src/domain/judge/judge-samples';
import { noise, times } from '../support/judge/draws';
import { seededRandom } from '../support/judge/random';
import { drawWindow, type SimulatedWindow } from '../support/judge/windows';
import type { Benchmark, BenchContext } from './benchmark';
import { rounded } from './statistics';

const FULL = 10_000;
const QUICK = 2_000;
const SEED = 20_261_124;
/** Interrupts are looked for between so many windows. */
const SLICE = 250;

interface Rate {
  /** Share of the windows judged `fail`. */
  readonly failed: number;
  readonly judgingMs: number;
}

/** Latency at a coefficient of variation of 15 %, 60 samples a side; 0.1 % of 5,000 requests a side fail. */
function windowOf(factor: number, rho = 0, errorRatio = 0.001): SimulatedWindow {
  const latency = noise({ cv: 0.15, rho });
  return {
    candidate: { errorRatio, series: { latency: times(latency, factor) } },
    stable: { series: { latency } },
  };
}

/** Lets an interrupt in. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function failRate(
  context: BenchContext,
  name: string,
  windows: number,
  window: SimulatedWindow,
): Promise<Rate> {
  const random = seededRandom(SEED);
  let failed = 0;
  let judgingMs = 0;
  for (let done = 0; done < windows; done += SLICE) {
    const inputs = Array.from({ length: Math.min(SLICE, windows - done) }, () =>
      drawWindow(window, random),
    );
    const start = performance.now();
    failed += inputs.filter((input) => judgeSamples(input).outcome === 'fail').length;
    judgingMs += performance.now() - start;
    await breathe();
    context.signal.throwIfAborted();
  }
  context.say(`${name}: ${failed} of ${windows} windows failed`);
  return { failed: failed / windows, judgingMs };
}

/** How often the judge finds what is there, and what isn't. No server takes part. */
export const judge: Benchmark = async (context) => {
  const windows = context.quick ? QUICK : FULL;
  const rate = (name: string, window: SimulatedWindow): Promise<Rate> =>
    failRate(context, name, windows, window);

  const latency20 = await rate('+20 % latency', windowOf(1.2));
  const latency10 = await rate('+10 % latency', windowOf(1.1));
  const errors = await rate('1 % errors against 0.1 %', windowOf(1, 0, 0.01));
  const equal = await rate('equal versions', windowOf(1));
  const mild = await rate('equal versions, AR(1) of 0.3', windowOf(1, 0.3));
  const strong = await rate('equal versions, AR(1) of 0.6', windowOf(1, 0.6));

  const all = [latency20, latency10, errors, equal, mild, strong];
  const judgingMs = all.reduce((sum, one) => sum + one.judgingMs, 0);
  return {
    windows,
    detect_latency20: rounded(latency20.failed, 4),
    detect_latency10: rounded(latency10.failed, 4),
    detect_errors: rounded(errors.failed, 4),
    false_aa: rounded(equal.failed, 4),
    false_aa_autocorr: rounded(Math.max(mild.failed, strong.failed), 4),
    per_s: rounded((all.length * windows * 1000) / judgingMs),
  };
};
