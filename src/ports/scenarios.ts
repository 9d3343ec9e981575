import type { Scenario } from '../domain/service';

export interface ScenarioStepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
  /** Null when no answer came. */
  readonly status: number | null;
  /** Empty when ok, else one sentence: what was expected and what came. */
  readonly reason: string;
}

export interface ScenarioResult {
  readonly name: string;
  readonly ok: boolean;
  /** Up to the first that failed; the steps after it are not run. */
  readonly steps: readonly ScenarioStepResult[];
  readonly reason: string;
}

export interface ScenarioRun {
  /** Base URL of the track under test. */
  readonly baseUrl: string;
  readonly scenarios: readonly Scenario[];
  readonly signal?: AbortSignal;
}

/**
 * Runs synthetic scenarios against a running service. A refused connection, a time-out or a wrong answer is a
 * failed result with its reason. Throws INVALID_INPUT when a step can't be sent at all, and the signal's reason
 * when it was aborted.
 */
export interface ScenarioRunner {
  run(run: ScenarioRun): Promise<readonly ScenarioResult[]>;
}
