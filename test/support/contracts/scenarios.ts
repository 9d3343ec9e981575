import type { Scenario, ScenarioStep } from '../../../src/domain/scenario';
import type { ScenarioRunner } from '../../../src/ports/scenarios';

export interface ScenarioRunnerUnderTest {
  readonly runner: ScenarioRunner;
  /** Of a service that answers every path with 200. */
  readonly baseUrl: string;
  /** From now on the scenario of this name fails at its first step. */
  breakScenario(name: string): void;
  close(): Promise<void>;
}

const SECRET = 'hunter2-hunter2';

/** Two steps at `/{name}/…`, with a secret in the first. */
function scenario(name: string, change: Partial<ScenarioStep> = {}): Scenario {
  const step = { method: 'GET', expect: { status: 200 } } as const;
  return {
    name,
    variables: { password: { value: SECRET, secret: true } },
    steps: [
      {
        ...step,
        name: 'first',
        path: `/${name}/1?password={{password}}`,
        headers: { authorization: 'Bearer {{password}}' },
      },
      { ...step, name: 'second', path: `/${name}/2`, ...change },
    ],
  };
}

/** What every ScenarioRunner does, fake or real. */
export function describeScenarioRunner(
  name: string,
  create: () => Promise<ScenarioRunnerUnderTest>,
): void {
  describe(`scenario runner contract: ${name}`, () => {
    let under: ScenarioRunnerUnderTest;

    beforeEach(async () => {
      under = await create();
    });

    afterEach(async () => {
      await under.close();
    });

    it('answers for each scenario in order, with all its steps', async () => {
      const { runner, baseUrl } = under;

      const results = await runner.run({ baseUrl, scenarios: [scenario('buy'), scenario('pay')] });

      expect(results).toMatchObject([
        { name: 'buy', ok: true, reason: '', steps: [{ name: 'first' }, { name: 'second' }] },
        { name: 'pay', ok: true, reason: '', steps: [{ status: 200 }, { status: 200 }] },
      ]);
      expect(results[0]).not.toHaveProperty('rounds');
    });

    it('ends a scenario at the step that fails, with request and answer, and runs the next', async () => {
      const { runner, baseUrl } = under;
      under.breakScenario('buy');

      const results = await runner.run({ baseUrl, scenarios: [scenario('buy'), scenario('pay')] });

      expect(results.map(({ ok, steps }) => [ok, steps.length])).toEqual([
        [false, 1],
        [true, 2],
      ]);
      expect(results[0]?.reason).not.toBe('');
      expect(results[0]?.steps[0]?.exchange).toMatchObject({
        request: { method: 'GET', url: expect.stringContaining(`${baseUrl}/buy/1`) as string },
        answer: { status: 500 },
      });
    });

    it('tells no secret', async () => {
      const { runner, baseUrl } = under;
      under.breakScenario('buy');

      const results = await runner.run({ baseUrl, scenarios: [scenario('buy')] });

      expect(JSON.stringify(results)).not.toContain(SECRET);
    });

    it('sums the rounds of a load up', async () => {
      const { runner, baseUrl } = under;
      const done: number[] = [];
      under.breakScenario('pay');

      const results = await runner.run({
        baseUrl,
        scenarios: [scenario('buy'), scenario('pay')],
        load: { rounds: 12, paceMs: 1 },
        onRound: (count) => done.push(count),
      });

      expect(results).toMatchObject([
        { name: 'buy', ok: true, rounds: { run: 12, failed: 0, requests: 24 } },
        { name: 'pay', ok: false, rounds: { run: 12, failed: 12, requests: 12 } },
      ]);
      expect(done).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    });

    it.each([
      ['a load beyond its limits', scenario('buy'), { rounds: 0, paceMs: 0 }],
      ['an unknown variable', scenario('buy', { path: '/{{nope}}' }), undefined],
    ])('refuses %s', async (_name, one, load) => {
      const { runner, baseUrl } = under;

      const run = runner.run({ baseUrl, scenarios: [one], ...(load ? { load } : {}) });

      await expect(run).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    });

    it('does nothing once aborted', async () => {
      const { runner, baseUrl } = under;
      const reason = new Error('release aborted');

      const run = runner.run({
        baseUrl,
        scenarios: [scenario('buy')],
        signal: AbortSignal.abort(reason),
      });

      await expect(run).rejects.toBe(reason);
    });
  });
}
