import { ReleaseError } from '../../contract/errors';
import type { Scenario } from '../../domain/scenario';
import { findRunFault } from '../../domain/scenario-limits';
import type {
  ScenarioResult,
  ScenarioRun,
  ScenarioRunner,
  ScenarioStepResult,
} from '../../ports/scenarios';
import { runRounds } from './run-rounds';
import { runScenario, type ScenarioSetting } from './run-scenario';
import { refused, type ReadSecret } from './secret-folder';

export interface ScenarioRunnerOptions {
  /** For one step that names no `maxMs` of its own. */
  readonly stepTimeoutMs: number;
  /** Without it, variables that come by file are refused. */
  readonly readSecret?: ReadSecret;
}

/** So many failed scenarios of a run show request and answer: a verdict stays small. */
const MAX_EXCHANGES = 3;

/** Scenarios over HTTP, one after the other, each to its first step that fails. */
export function createHttpScenarioRunner(options: ScenarioRunnerOptions): ScenarioRunner {
  return {
    run: async (run) => {
      const { scenarios, load, onRound, signal, baseUrl } = run;
      const fault = findRunFault(scenarios, load);
      if (fault !== '') {
        throw new ReleaseError('INVALID_INPUT', fault, {
          details: { field: 'scenarios', remedy: 'Correct the scenarios of the service.' },
        });
      }
      const { stepTimeoutMs } = options;
      const secrets = await readSecrets(run, options.readSecret);
      const setting: ScenarioSetting = { baseUrl, stepTimeoutMs, secrets, signal };
      const once = (): Promise<readonly ScenarioResult[]> => runAll(scenarios, setting);
      return withFewExchanges(await (load ? runRounds(load, once, { onRound, signal }) : once()));
    },
  };
}

async function runAll(
  scenarios: readonly Scenario[],
  setting: ScenarioSetting,
): Promise<readonly ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    results.push(await runScenario(scenario, setting));
  }
  return results;
}

async function readSecrets(
  { scenarios }: ScenarioRun,
  readSecret: ReadSecret = (name) =>
    Promise.reject(refused(name, 'this worker has no folder of scenario secrets')),
): Promise<ReadonlyMap<string, string>> {
  const variables = scenarios.flatMap((scenario) => Object.values(scenario.variables ?? {}));
  const names = variables.flatMap((variable) => ('file' in variable ? [variable.file] : []));
  const secrets = new Map<string, string>();
  for (const name of new Set(names)) {
    secrets.set(name, await readSecret(name));
  }
  return secrets;
}

function withFewExchanges(results: readonly ScenarioResult[]): readonly ScenarioResult[] {
  const failed = results.filter(({ ok }) => !ok).slice(MAX_EXCHANGES);
  return results.map((result) =>
    failed.includes(result) ? { ...result, steps: result.steps.map(withoutExchange) } : result,
  );
}

function withoutExchange(step: ScenarioStepResult): ScenarioStepResult {
  const { name, ok, durationMs, status, reason } = step;
  return { name, ok, durationMs, status, reason };
}
