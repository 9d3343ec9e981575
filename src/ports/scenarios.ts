import type { Scenario } from '../domain/scenario';
import type { ScenarioLoad } from '../domain/scenario-limits';

/**
 * The request and the answer of a step that failed, as they may be shown and stored: secrets are `***`, a few hundred
 * characters of each body, some 6,000 characters in all. A type, no interface: so it is JSON as evidence wants it.
 */
export type ScenarioExchange = {
  readonly request: {
    readonly method: string;
    /** After redirects, the last one. */
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** Null when none came. */
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  } | null;
};

export interface ScenarioStepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
  /** Null when no answer came. */
  readonly status: number | null;
  /** Empty when ok, else one sentence: what was expected and what came. No secrets. */
  readonly reason: string;
  /** Of a step that failed, where something was sent; the first few of a run have it. */
  readonly exchange?: ScenarioExchange;
}

/** Over all rounds of a run with `load`; JSON too. */
export type RoundCounts = {
  readonly run: number;
  readonly failed: number;
  /** Steps that were run. */
  readonly requests: number;
};

export interface ScenarioResult {
  readonly name: string;
  /** With `load`: in every round. */
  readonly ok: boolean;
  /** Up to the first that failed; the steps after it are not run. With `load`: of the first round that failed, else of the last. */
  readonly steps: readonly ScenarioStepResult[];
  readonly reason: string;
  /** There with `load` only. */
  readonly rounds?: RoundCounts;
}

export interface ScenarioRun {
  /** Base URL of the track under test; of the service through the router to make traffic that the judge sees. */
  readonly baseUrl: string;
  readonly scenarios: readonly Scenario[];
  /** Again and again instead of once; a few rounds may be under way at a time. */
  readonly load?: ScenarioLoad;
  /** After each round, with how many are done. */
  readonly onRound?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs synthetic scenarios against a running service. A refused connection, a time-out or a wrong answer is a
 * failed result with its reason. Throws INVALID_INPUT when a step can't be sent at all or a secret can't be read, and
 * the signal's reason when it was aborted.
 */
export interface ScenarioRunner {
  run(run: ScenarioRun): Promise<readonly ScenarioResult[]>;
}
