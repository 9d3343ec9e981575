import { ReleaseError } from '../../contract/errors';
import type { Scenario } from '../../domain/service';
import type {
  ScenarioResult,
  ScenarioRun,
  ScenarioRunner,
  ScenarioStepResult,
} from '../../ports/scenarios';
import { runStep } from './run-step';

export interface ScenarioRunnerOptions {
  /** For one step that names no `maxMs` of its own. */
  readonly stepTimeoutMs: number;
}

const MAX_STEPS = 200;

/** Scenarios over HTTP, one after the other, each to its first step that fails. */
export function createHttpScenarioRunner(options: ScenarioRunnerOptions): ScenarioRunner {
  return {
    run: async (run) => {
      const steps = run.scenarios.reduce((sum, scenario) => sum + scenario.steps.length, 0);
      if (steps > MAX_STEPS) {
        throw new ReleaseError('INVALID_INPUT', `${steps} scenario steps, at most ${MAX_STEPS}`, {
          details: { field: 'scenarios', remedy: 'Keep the scenarios of a service short.' },
        });
      }
      const results: ScenarioResult[] = [];
      for (const scenario of run.scenarios) {
        results.push(await runScenario(scenario, run, options));
      }
      return results;
    },
  };
}

async function runScenario(
  scenario: Scenario,
  { baseUrl, signal }: ScenarioRun,
  { stepTimeoutMs }: ScenarioRunnerOptions,
): Promise<ScenarioResult> {
  const steps: ScenarioStepResult[] = [];
  for (const step of scenario.steps) {
    const result = await runStep(baseUrl, step, stepTimeoutMs, signal);
    steps.push(result);
    if (!result.ok) {
      return { name: scenario.name, ok: false, steps, reason: `${step.name}: ${result.reason}` };
    }
  }
  return { name: scenario.name, ok: true, steps, reason: '' };
}
