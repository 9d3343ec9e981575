import type { Scenario, ScenarioStep } from '../../domain/scenario';
import { looksSecret } from '../../domain/scenario-secrets';
import type { ScenarioResult, ScenarioStepResult } from '../../ports/scenarios';
import { createRedactor } from './redactor';
import { runStep, type StepRun } from './run-step';

export interface ScenarioSetting {
  readonly baseUrl: string;
  /** For one step that names no `maxMs` of its own. */
  readonly stepTimeoutMs: number;
  /** Text of the secret files, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly signal?: AbortSignal | undefined;
}

/** One scenario to its first step that fails, with variables of its own. */
export async function runScenario(
  scenario: Scenario,
  setting: ScenarioSetting,
): Promise<ScenarioResult> {
  const { baseUrl, signal } = setting;
  const { values, secrets } = startValues(scenario, setting.secrets);
  const redactor = createRedactor(secrets);
  const startedAt = performance.now();
  const steps: ScenarioStepResult[] = [];
  for (const step of scenario.steps) {
    const limit = limitOf(step, scenario, setting, performance.now() - startedAt);
    const result = await runStep({ baseUrl, step, values, redactor, signal, ...limit });
    steps.push(result);
    if (!result.ok) {
      return { name: scenario.name, ok: false, steps, reason: `${step.name}: ${result.reason}` };
    }
  }
  return { name: scenario.name, ok: true, steps, reason: '' };
}

function startValues(
  { variables }: Scenario,
  files: ReadonlyMap<string, string>,
): { readonly values: Map<string, string>; readonly secrets: readonly string[] } {
  const values = new Map<string, string>();
  const secrets: string[] = [];
  for (const [name, variable] of Object.entries(variables ?? {})) {
    const [value, secret] =
      'file' in variable
        ? [files.get(variable.file) ?? '', true]
        : [variable.value, variable.secret === true || looksSecret(name)];
    values.set(name, value);
    if (secret) {
      secrets.push(value);
    }
  }
  return { values, secrets };
}

function limitOf(
  { expect }: ScenarioStep,
  { budgetMs }: Scenario,
  { stepTimeoutMs }: ScenarioSetting,
  usedMs: number,
): Pick<StepRun, 'limitMs' | 'lateReason'> {
  const limitMs = Math.min(stepTimeoutMs, expect.maxMs ?? stepTimeoutMs);
  if (budgetMs === undefined || budgetMs - usedMs >= limitMs) {
    return { limitMs, lateReason: `no answer within ${limitMs} ms` };
  }
  const leftMs = Math.max(0, Math.floor(budgetMs - usedMs));
  return {
    limitMs: leftMs,
    lateReason: `no answer within the ${leftMs} ms that were left of the scenario's ${budgetMs} ms`,
  };
}
