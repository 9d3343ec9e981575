import type { Scenario } from '../../../src/domain/service';
import type { ScenarioResult, ScenarioRunner } from '../../../src/ports/scenarios';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeScenarioRunner extends ScenarioRunner, CallFaults {
  /** From now on the scenario of this name fails with `reason`. */
  breakScenario(name: string, reason: string): void;
}

/** Passes every scenario until told otherwise. */
export function createFakeScenarioRunner(): FakeScenarioRunner {
  const broken = new Map<string, string>();

  function resultOf({ name, steps }: Scenario): ScenarioResult {
    const reason = broken.get(name) ?? '';
    const ok = reason === '';
    const results = steps.slice(0, ok ? steps.length : 1).map((step) => ({
      name: step.name,
      ok,
      durationMs: 1,
      status: ok ? step.expect.status : 500,
      reason,
    }));
    return { name, ok, steps: results, reason };
  }

  const runner: ScenarioRunner = {
    run: ({ scenarios, signal }) => {
      signal?.throwIfAborted();
      return Promise.resolve(scenarios.map(resultOf));
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
