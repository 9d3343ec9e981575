import { createHttpScenarioRunner } from '../../../../src/adapters/scenario/http-scenario-runner';
import type { Scenario, ScenarioStep } from '../../../../src/domain/scenario';
import {
  scenarioOf,
  scenarioStep as step,
  startScenarioServer,
  type ScenarioServer,
} from '../../../support/scenario-server';

let server: ScenarioServer;
let baseUrl: string;
const asked: string[] = [];

beforeAll(async () => {
  server = await startScenarioServer((request, answer) => {
    asked.push(`${request.method} ${request.url}`);
    switch (request.url) {
      case '/ok':
        answer.writeHead(200, { 'x-kind': 'shop' }).end('hello world');
        return;
      case '/far':
        answer.writeHead(302, { location: 'http://127.0.0.2:9/ok' }).end();
        return;
      case '/near':
        answer.writeHead(302, { location: '/ok' }).end();
        return;
      case '/loop':
        answer.writeHead(302, { location: '/loop' }).end();
        return;
      case '/long':
        answer.end(`${'x'.repeat(64 * 1024)}needle`);
        return;
      case '/hang':
        return;
      case '/echo':
        answer.writeHead(201);
        request.pipe(answer);
        return;
      default:
        answer.writeHead(500).end('broken');
    }
  });
  baseUrl = server.baseUrl;
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => server.close());

const runner = createHttpScenarioRunner({ stepTimeoutMs: 2_000 });

const scenario = (...steps: ScenarioStep[]): Scenario => scenarioOf(steps);

describe('the HTTP scenario runner', () => {
  it('passes what answers as expected', async () => {
    const read = step('/ok', {
      expect: { status: 200, bodyContains: 'hello', headers: { 'X-Kind': 'shop' } },
    });
    const write = step('/echo', {
      method: 'POST',
      body: '{"a":1}',
      expect: { status: 201, bodyContains: '"a":1' },
    });

    const [result] = await runner.run({ baseUrl, scenarios: [scenario(read, write)] });

    expect(result).toMatchObject({ name: 'shopping', ok: true, reason: '' });
    expect(result?.steps.map(({ ok, status }) => [ok, status])).toEqual([
      [true, 200],
      [true, 201],
    ]);
  });

  it.each<[string, ScenarioStep, RegExp]>([
    ['status', step('/no'), /expected status 200, got 500/],
    ['body', step('/ok', { expect: { status: 200, bodyContains: 'bye' } }), /"bye" in the body/],
    [
      'header',
      step('/ok', { expect: { status: 200, headers: { 'x-kind': 'bank' } } }),
      /x-kind to be "bank", got "shop"/,
    ],
    [
      'body past 64 KiB',
      step('/long', { expect: { status: 200, bodyContains: 'needle' } }),
      /body/,
    ],
    ['redirect to another host', step('/far', { redirects: 3 }), /expected status 200, got 302/],
    ['redirect without end', step('/loop', { redirects: 3 }), /expected status 200, got 302/],
    [
      'late answer',
      step('/hang', { expect: { status: 200, maxMs: 80 } }),
      /no answer within 80 ms/,
    ],
  ])('fails on a wrong %s', async (_name, wrong, reason) => {
    const [result] = await runner.run({ baseUrl, scenarios: [scenario(wrong)] });

    expect(result).toMatchObject({ ok: false });
    expect(result?.reason).toMatch(reason);
  });

  it('follows a redirect on the same host only where the step says so', async () => {
    const said = scenario(step('/near', { redirects: 1 }));
    const unsaid = scenario(step('/near'));

    const results = await runner.run({ baseUrl, scenarios: [said, unsaid] });

    expect(results.map(({ ok }) => ok)).toEqual([true, false]);
    expect(asked).toEqual(['GET /near', 'GET /ok', 'GET /near']);
  });

  it('accepts the redirect itself where that is expected', async () => {
    const redirect = step('/far', { redirects: 3, expect: { status: 302 } });

    const [result] = await runner.run({ baseUrl, scenarios: [scenario(redirect)] });

    expect(result?.ok).toBe(true);
  });

  it('stops a scenario at its first failure and runs the next one', async () => {
    const first = { name: 'first', steps: [step('/no'), step('/ok')] };
    const second = { name: 'second', steps: [step('/ok')] };

    const results = await runner.run({ baseUrl, scenarios: [first, second] });

    expect(results.map(({ name, ok }) => [name, ok])).toEqual([
      ['first', false],
      ['second', true],
    ]);
    expect(asked).toEqual(['GET /no', 'GET /ok']);
  });

  it('reports a refused connection as a failed step', async () => {
    const [result] = await runner.run({
      baseUrl: 'http://127.0.0.1:1',
      scenarios: [scenario(step('/ok'))],
    });

    expect(result).toMatchObject({ ok: false, steps: [{ status: null }] });
  });

  it.each(['//127.0.0.2/x', 'http://127.0.0.2/x', 'x', '\\\\127.0.0.2/x'])(
    'refuses to send "%s"',
    async (path) => {
      await expect(
        runner.run({ baseUrl, scenarios: [scenario(step(path))] }),
      ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(asked).toEqual([]);
    },
  );

  it('ends when it is aborted', async () => {
    const abort = new AbortController();
    const run = runner.run({ baseUrl, scenarios: [scenario(step('/hang'))], signal: abort.signal });

    abort.abort(new Error('enough'));

    await expect(run).rejects.toThrow('enough');
  });
});
