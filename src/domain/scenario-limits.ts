import type { Scenario } from './scenario';
import { findVariableFaults } from './scenario-faults';

/** Runs all scenarios again and again, for traffic. */
export interface ScenarioLoad {
  readonly rounds: number;
  /** From the start of one round to the start of the next, in ms. */
  readonly paceMs: number;
}

export const MAX_STEPS = 200;
export const MAX_ROUNDS = 10_000;
export const MAX_REQUESTS = 100_000;
export const MAX_PACE_MS = 600_000;

/** Requests of one round: one a step, redirects not counted. */
export function requestsPerRound(scenarios: readonly Scenario[]): number {
  return scenarios.reduce((sum, scenario) => sum + scenario.steps.length, 0);
}

/** A step that names no `maxMs` has so long. */
const STEP_MS = 10_000;
/** Whatever the budgets say, a worker under load is given this. */
const LEAST_RUN_MS = 25_000;

/** How long one run of all scenarios, one after the other, may last within their budgets. */
export function scenariosBudgetMs(scenarios: readonly Scenario[]): number {
  const budgetOf = ({ budgetMs = Infinity, steps }: Scenario): number =>
    Math.min(
      budgetMs,
      steps.reduce((sum, { expect }) => sum + (expect.maxMs ?? STEP_MS), 0),
    );
  const budgetMs = scenarios.reduce((sum, scenario) => sum + budgetOf(scenario), 0);
  return Math.max(LEAST_RUN_MS, budgetMs);
}

/** Why a run can't be taken on at all, as one sentence; empty when it can. */
export function findRunFault(scenarios: readonly Scenario[], load?: ScenarioLoad): string {
  const steps = requestsPerRound(scenarios);
  if (steps > MAX_STEPS) {
    return `${steps} scenario steps, at most ${MAX_STEPS}`;
  }
  for (const scenario of scenarios) {
    const [fault] = findVariableFaults(scenario);
    if (fault) {
      return `scenario "${scenario.name}", ${fault.path.join('.')}: ${fault.message}`;
    }
  }
  return load ? findLoadFault(load, steps) : '';
}

function findLoadFault({ rounds, paceMs }: ScenarioLoad, steps: number): string {
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
    return `${rounds} rounds, from 1 to ${MAX_ROUNDS} can be run`;
  }
  if (!(paceMs >= 0 && paceMs <= MAX_PACE_MS)) {
    return `a round every ${paceMs} ms, at most ${MAX_PACE_MS} ms can be between two`;
  }
  return rounds * steps > MAX_REQUESTS
    ? `${rounds} rounds of ${steps} requests, at most ${MAX_REQUESTS} requests can be sent`
    : '';
}
