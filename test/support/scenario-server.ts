import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scenario, ScenarioStep } from '../../src/domain/scenario';

export interface ScenarioServer {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** The service under test of a scenario, on a free port of 127.0.0.1. */
export async function startScenarioServer(answer: RequestListener): Promise<ScenarioServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

export function scenarioStep(path: string, change: Partial<ScenarioStep> = {}): ScenarioStep {
  return { name: path, method: 'GET', path, expect: { status: 200 }, ...change };
}

export function scenarioOf(
  steps: readonly ScenarioStep[],
  change: Partial<Scenario> = {},
): Scenario {
  return { name: 'shopping', steps, ...change };
}
