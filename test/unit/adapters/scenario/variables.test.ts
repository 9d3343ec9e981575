import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHttpScenarioRunner } from '../../../../src/adapters/scenario/http-scenario-runner';
import type { Scenario } from '../../../../src/domain/scenario';
import type { ScenarioResult } from '../../../../src/ports/scenarios';
import {
  scenarioOf,
  scenarioStep as step,
  startScenarioServer,
  type ScenarioServer,
} from '../../../support/scenario-server';

interface Asked {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

let server: ScenarioServer;
const asked: Asked[] = [];

/** A shop with a log-in: a session, orders, a redirect after a post. */
function shop({ line, headers, body }: Asked, answer: ServerResponse): void {
  switch (line) {
    case 'POST /login':
      answer.setHeader('set-cookie', ['theme=dark; Path=/', 'sid=s3ss10n-0123456789; Path=/']);
      answer.setHeader('location', '/orders/17?new=1');
      answer.writeHead(201, JSON_HEADERS).end('{"id":17,"access_token":"t0k3n-0123456789"}');
      return;
    case 'POST /form':
      answer.writeHead(303, { location: '/orders/17' }).end();
      return;
    case 'PUT /form':
      answer.writeHead(307, { location: '/echo' }).end();
      return;
    case 'GET /slow':
      setTimeout(() => answer.end('late'), 60);
      return;
    case 'GET /many':
      answer.end('x'.repeat(2_000));
      return;
    default:
      answer.writeHead(line.endsWith('/echo') ? 500 : 200, { 'x-said': headers['x-say'] ?? '' });
      answer.end(line.endsWith('/echo') ? `${JSON.stringify(headers)} ${body}` : '{"id":17}');
  }
}

beforeAll(async () => {
  server = await startScenarioServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const one = { line: `${request.method} ${request.url}`, headers: request.headers, body };
      asked.push(one);
      shop(one, answer);
    });
  });
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => server.close());

const runner = createHttpScenarioRunner({
  stepTimeoutMs: 5_000,
  readSecret: (name) => Promise.resolve(`text-of-${name}`),
});

async function run(scenario: Scenario): Promise<ScenarioResult> {
  const [result] = await runner.run({ baseUrl: server.baseUrl, scenarios: [scenario] });
  return result!;
}

const login = step('/login', {
  method: 'POST',
  expect: { status: 201, json: [{ path: '/id', type: 'integer', min: 1 }] },
  capture: {
    id: { json: '/id' },
    token: { json: '$.access_token' },
    sid: { header: 'set-cookie', after: 'sid=', before: ';' },
    order: { header: 'location', after: '/', before: '?' },
  },
});

describe('variables of a scenario over HTTP', () => {
  it('go from one answer into the path, headers and body of the next requests', async () => {
    const use = step('/{{order}}?id={{id}}', {
      method: 'POST',
      headers: { ...JSON_HEADERS, authorization: 'Bearer {{token}}', cookie: 'sid={{sid}}' },
      body: '{"id":{{id}},"user":"{{user}}"}',
      expect: { status: 200, json: [{ path: '/id', equals: '{{id}}' }] },
    });

    const result = await run(scenarioOf([login, use], { variables: { user: { value: 'I"da' } } }));

    expect(result).toMatchObject({ ok: true, reason: '' });
    expect(asked[1]).toMatchObject({
      line: 'POST /orders/17?id=17',
      headers: { authorization: 'Bearer t0k3n-0123456789', cookie: 'sid=s3ss10n-0123456789' },
      body: '{"id":17,"user":"I\\"da"}',
    });
  });

  it('come from secret files and show up nowhere', async () => {
    const echo = step('/echo', { headers: { 'x-say': '{{key}}' } });

    const result = await run(scenarioOf([echo], { variables: { key: { file: 'pay-key' } } }));

    expect(asked[0]?.headers['x-say']).toBe('text-of-pay-key');
    expect(result.reason).toBe('/echo: expected status 200, got 500');
    expect(JSON.stringify(result)).not.toContain('text-of-pay-key');
  });

  it('that come by file are refused where the worker has none', async () => {
    const bare = createHttpScenarioRunner({ stepTimeoutMs: 5_000 });
    const scenarios = [scenarioOf([step('/')], { variables: { key: { file: 'pay-key' } } })];

    await expect(bare.run({ baseUrl: server.baseUrl, scenarios })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('"pay-key"') as string,
    });
    expect(asked).toEqual([]);
  });

  it('that can not be captured fail the step', async () => {
    const capture = { next: { json: '/next' } };

    const result = await run(scenarioOf([step('/', { capture }), step('/{{next}}')]));

    expect(result.reason).toBe('/: could not capture next (no text, number or boolean at /next)');
    expect(asked).toHaveLength(1);
  });

  it('can not lead to another host', async () => {
    const result = await run(
      scenarioOf([step('/{{to}}')], { variables: { to: { value: '/127.0.0.2/x' } } }),
    );

    expect(result.reason).toMatch(/make no path of this host/);
    expect(asked).toEqual([]);
  });

  it('can not break out of a header, nor be quoted by the error', async () => {
    const value = 'a\r\nx-evil: hunter2';
    const result = await run(
      scenarioOf([step('/', { headers: { 'x-say': '{{say}}' } })], {
        variables: { say: { value } },
      }),
    );

    expect(result.reason).toBe("/: header x-say would hold what a header can't carry");
    expect(asked).toEqual([]);
  });
});

describe('a step that fails', () => {
  it('shows request and answer without their secrets', async () => {
    const wrong = { ...login, expect: { status: 200 }, body: 'user=ida&password=letmein1' };

    const { steps } = await run(scenarioOf([wrong]));

    expect(steps[0]?.exchange).toEqual({
      request: {
        method: 'POST',
        url: `${server.baseUrl}/login`,
        headers: {},
        body: 'user=ida&password=***',
      },
      answer: {
        status: 201,
        headers: expect.objectContaining({
          'content-type': 'application/json',
          'set-cookie': '***',
        }) as unknown,
        body: expect.stringMatching(/^\{"id":17,"access_token":\*\*\*/) as unknown,
      },
    });
  });

  it('hides the values of named headers and of what it captured before', async () => {
    const echo = step('/echo', {
      method: 'POST',
      headers: { Authorization: 'Token abc', Cookie: 'a=b', 'x-say': 'and {{token}}' },
      body: '{{sid}}',
    });

    const { steps } = await run(scenarioOf([login, echo]));

    const text = JSON.stringify(steps);
    expect(steps[1]?.exchange?.request.headers).toEqual({
      Authorization: '***',
      Cookie: '***',
      'x-say': 'and ***',
    });
    expect(text).not.toContain('t0k3n');
    expect(text).not.toContain('s3ss10n');
    expect(text).not.toContain('Token abc');
  });

  it('stays small, whatever was sent and answered', async () => {
    const headers = Object.fromEntries(
      Array.from({ length: 20 }, (_, n): [string, string] => [`x-${n}`, 'y'.repeat(300)]),
    );
    const echo = step(`/a/${'p'.repeat(2_000)}/echo`, {
      method: 'POST',
      headers,
      body: 'z'.repeat(60_000),
    });

    const { steps } = await run(scenarioOf([echo]));

    expect(steps[0]?.status).toBe(500);
    expect(JSON.stringify(steps).length).toBeLessThan(8_000);
  });

  it('keeps request and answer for the first three scenarios', async () => {
    const scenarios = Array.from({ length: 5 }, (_, n) =>
      scenarioOf([step('/echo')], { name: `${n}` }),
    );

    const results = await runner.run({ baseUrl: server.baseUrl, scenarios });

    const kept = results.map(({ steps }) => steps[0]?.exchange !== undefined);
    expect(kept).toEqual([true, true, true, false, false]);
  });
});

describe('limits of a scenario', () => {
  it('fails a step whose body is over its limit', async () => {
    const result = await run(
      scenarioOf([step('/many', { expect: { status: 200, maxBodyBytes: 1_999 } })]),
    );

    expect(result.reason).toBe('/many: the body is over 1999 bytes');
  });

  it('reads as much as the limit says', async () => {
    const result = await run(
      scenarioOf([step('/many', { expect: { status: 200, maxBodyBytes: 2_000 } })]),
    );

    expect(result.ok).toBe(true);
  });

  it('fails the step in which the budget of the scenario runs out', async () => {
    const slow = step('/slow');

    const result = await run(scenarioOf([slow, slow, slow], { budgetMs: 100 }));

    expect(result.ok).toBe(false);
    expect(result.reason).toMatch(
      /^\/slow: no answer within the \d+ ms that were left of the scenario's 100 ms/,
    );
  });
});

describe('redirects that are followed', () => {
  it('turn a post into a read after 303', async () => {
    const form = step('/form', {
      method: 'POST',
      headers: JSON_HEADERS,
      body: '{}',
      redirects: 1,
    });

    const result = await run(scenarioOf([form]));

    expect(result.ok).toBe(true);
    expect(asked[1]).toMatchObject({ line: 'GET /orders/17', body: '' });
    expect(asked[1]?.headers).not.toHaveProperty('content-type');
  });

  it('repeat method and body after 307', async () => {
    const form = step('/form', { method: 'PUT', body: 'x=1', redirects: 1 });

    const { steps } = await run(scenarioOf([form]));

    expect(asked[1]).toMatchObject({ line: 'PUT /echo', body: 'x=1' });
    expect(steps[0]?.exchange?.request.url).toBe(`${server.baseUrl}/echo`);
  });
});
