import { ReleaseError } from '../../../src/contract/errors';
import type { Scenario } from '../../../src/domain/scenario';
import { expectedStatuses } from '../../../src/domain/scenario-answer';
import { findRunFault } from '../../../src/domain/scenario-limits';
import type {
  ScenarioResult,
  ScenarioRunner,
  ScenarioStepResult,
} from '../../../src/ports/scenarios';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeScenarioRunner extends ScenarioRunner, CallFaults {
  /** From now on the scenario of this name fails with `reason`, at its first step. */
  breakScenario(name: string, reason: string): void;
}

/** Passes every scenario until told otherwise. Sends nothing, so variables stay as they are written. */
export function createFakeScenarioRunner(): FakeScenarioRunner {
  const broken = new Map<string, string>();

  function resultOf({ name, steps }: Scenario, baseUrl: string): ScenarioResult {
    const reason = broken.get(name) ?? '';
    const ok = reason === '';
    const results = steps.slice(0, ok ? steps.length : 1).map((step): ScenarioStepResult => {
      const common = { name: step.name, ok, durationMs: 1, reason };
      if (ok) {
        return { ...common, status: expectedStatuses(step.expect)[0] ?? 200 };
      }
      const request = { method: step.method, url: `${baseUrl}${step.path}`, headers: {}, body: '' };
      const answer = { status: 500, headers: {}, body: '' };
      return { ...common, status: 500, exchange: { request, answer } };
    });
    return { name, ok, steps: results, reason };
  }

  const runner: ScenarioRunner = {
    run: ({ baseUrl, scenarios, load, onRound, signal }) => {
      signal?.throwIfAborted();
      const fault = findRunFault(scenarios, load);
      if (fault !== '') {
        throw new ReleaseError('INVALID_INPUT', fault);
      }
      const results = scenarios.map((scenario) => resultOf(scenario, baseUrl));
      if (!load) {
        return Promise.resolve(results);
      }
      for (let done = 1; done <= load.rounds; done += 1) {
        onRound?.(done);
      }
      return Promise.resolve(
        results.map((result) => ({
          ...result,
          rounds: {
            run: load.rounds,
            failed: result.ok ? 0 : load.rounds,
            requests: load.rounds * result.steps.length,
          },
        })),
      );
    },
  };
  const faulty = withCallFaults(runner);
  return {
    ...faulty,
    calls: faulty.calls,
    fail: (code, times, method) => {
      faulty.fail(code, times, method);
    },
    breakScenario: (name, reason) => {
      broken.set(name, reason);
    },
  };
}
