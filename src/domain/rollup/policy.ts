import type { RollupCause } from '../rollup';

/** One wave: a share (0 to 1) of all that is rebuilt, and never fewer than `atLeast` while there are any. */
export interface WaveRule {
  readonly share: number;
  readonly atLeast: number;
}

/** When a rollup stops, so that what it has not started yet is held. */
export interface StopRule {
  /** So many failed or regressed of the first wave; fewer, when the wave is smaller. */
  readonly firstWave: number;
  /** More than this share (0 to 1) of a later wave. */
  readonly ratio: number;
}

/** What a month and an emergency differ in. Durations in milliseconds. */
interface RollupPace {
  /** Rebuilds under way at a time. */
  readonly concurrency: number;
  /** How long a wave that ended well is watched before the next one. */
  readonly soakMs: number;
  /** What has not begun by then is held. */
  readonly maxDurationMs: number;
}

/** How services are rebuilt when their bases are renewed. */
export interface RollupPolicy extends RollupPace {
  /** UTC. */
  readonly schedule: {
    readonly dayOfMonth: number;
    readonly hour: number;
    readonly minute: number;
  };
  /** What is left over is the last wave. */
  readonly waves: readonly WaveRule[];
  readonly stopAfter: StopRule;
  /** What becomes of a service whose source is in no git repository, so that nobody can tell whether it is what was released. */
  readonly unknownSource: 'rebuild' | 'skip';
  readonly emergency: RollupPace & { readonly optOuts: 'ignore' | 'respect' };
}

/** What one rollup goes by; it travels with the workflow. */
export interface RollupSettings extends RollupPace {
  readonly waves: readonly WaveRule[];
  readonly stopAfter: StopRule;
  readonly unknownSource: 'rebuild' | 'skip';
  readonly optOuts: 'ignore' | 'respect';
  /** How often rebuilds under way are looked at; the end of one is told besides. */
  readonly lookMs: number;
  /** When a service that may not be released now (a freeze, a busy or held lane) is tried again. */
  readonly retryMs: number;
  /** Rebuilds of one service, when others get in between. */
  readonly maxAttempts: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** For a policy that says nothing of it; deploy/policy/default.yaml says the same. */
const DEFAULT_ROLLUP: RollupPolicy = {
  schedule: { dayOfMonth: 1, hour: 3, minute: 0 },
  waves: [
    { share: 0.05, atLeast: 3 },
    { share: 0.25, atLeast: 5 },
  ],
  stopAfter: { firstWave: 2, ratio: 0.1 },
  concurrency: 5,
  soakMs: 30 * MINUTE_MS,
  maxDurationMs: 7 * DAY_MS,
  unknownSource: 'skip',
  emergency: { concurrency: 10, soakMs: 5 * MINUTE_MS, maxDurationMs: DAY_MS, optOuts: 'ignore' },
};

const LOOK_MS = 30_000;
const RETRY_MS = 5 * MINUTE_MS;
const MAX_ATTEMPTS = 3;

/** Of a policy, which may say nothing of it. */
export function rollupPolicyOf({ rollup }: { readonly rollup?: RollupPolicy }): RollupPolicy {
  return rollup ?? DEFAULT_ROLLUP;
}

export function rollupSettingsOf(
  policy: { readonly rollup?: RollupPolicy },
  cause: RollupCause['kind'],
): RollupSettings {
  const { emergency, waves, stopAfter, unknownSource, ...rollup } = rollupPolicyOf(policy);
  const { concurrency, soakMs, maxDurationMs } = cause === 'emergency' ? emergency : rollup;
  return {
    ...{ waves, stopAfter, unknownSource, concurrency, soakMs, maxDurationMs },
    optOuts: cause === 'emergency' ? emergency.optOuts : 'respect',
    ...{ lookMs: LOOK_MS, retryMs: RETRY_MS, maxAttempts: MAX_ATTEMPTS },
  };
}
