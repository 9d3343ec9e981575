import { createHttpScenarioRunner } from '../../../../src/adapters/scenario/http-scenario-runner';
import { describeScenarioRunner } from '../../../support/contracts/scenarios';
import { createFakeScenarioRunner } from '../../../support/fakes/scenarios';
import { startScenarioServer } from '../../../support/scenario-server';

describeScenarioRunner('fake', () => {
  const runner = createFakeScenarioRunner();
  return Promise.resolve({
    runner,
    baseUrl: 'http://127.0.0.1:1',
    breakScenario: (name) => {
      runner.breakScenario(name, 'wrong price');
    },
    close: () => Promise.resolve(),
  });
});

describeScenarioRunner('HTTP', async () => {
  const broken = new Set<string>();
  const server = await startScenarioServer((request, answer) => {
    const [, name = ''] = (request.url ?? '').split('/');
    answer.writeHead(broken.has(name) ? 500 : 200);
    answer.end(`you said ${request.url} ${request.headers.authorization}`);
  });
  return {
    runner: createHttpScenarioRunner({ stepTimeoutMs: 5_000 }),
    baseUrl: server.baseUrl,
    breakScenario: (name) => broken.add(name),
    close: () => server.close(),
  };
});
