import fc from 'fast-check';
import { createHttpScenarioRunner } from '../../../../src/adapters/scenario/http-scenario-runner';
import type { Scenario } from '../../../../src/domain/scenario';
import {
  scenarioOf,
  scenarioStep as step,
  startScenarioServer,
  type ScenarioServer,
} from '../../../support/scenario-server';

/** What a service may do with what it was sent: give it back, in any dress. */
const DRESSES: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify({ deep: [{ text }] }),
  'json twice': (text) => JSON.stringify({ text: JSON.stringify({ text }) }),
  escaped: (text) =>
    `"${Array.from(text, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
  form: (text) => new URLSearchParams({ text }).toString(),
  percent: (text) => encodeURIComponent(text).toLowerCase(),
  base64: (text) => Buffer.from(`user:${text}`).toString('base64'),
  hex: (text) => Buffer.from(text).toString('hex'),
  html: (text) => `<p>${Array.from(text, (one) => `&#${one.charCodeAt(0)};`).join('')}</p>`,
};

let server: ScenarioServer;

beforeAll(async () => {
  server = await startScenarioServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const dress = DRESSES[String(request.headers['x-dress'])] ?? String;
      const said = String(request.headers['x-say'] ?? '');
      answer.setHeader('x-said', encodeURIComponent(said));
      answer.setHeader('x-heard', said);
      answer.setHeader('x-token', 'none of your business');
      answer.writeHead(request.url === '/give' ? 200 : 418);
      answer.end(request.url === '/give' ? body : `${dress(body)} ${request.url} ${dress(said)}`);
    });
  });
});
afterAll(() => server.close());

const runner = createHttpScenarioRunner({
  stepTimeoutMs: 5_000,
  readSecret: () => Promise.resolve('unused-secret'),
});

/** Printable, as a secret in a file must be; long enough to be no part of what we say ourselves. */
const secretText = fc
  .string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 40 })
  .filter((text) => text.trim() === text && !text.includes('{{') && /[^a-z ]/.test(text));

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, one]) => [key, ...stringsIn(one)])
    : [];
}

async function expectHidden(scenario: Scenario, secret: string): Promise<void> {
  const results = await runner.run({ baseUrl: server.baseUrl, scenarios: [scenario] });

  expect(results[0]?.ok).toBe(false);
  expect(results[0]?.steps).toHaveLength(scenario.steps.length);
  const telling = stringsIn(results).filter(
    (text) => text.includes(secret) || lenient(text).includes(secret),
  );
  expect(telling).toEqual([]);
}

/** A reader's own decoding, other than the one that is tested. */
function lenient(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

describe('no secret gets into results', () => {
  const dress = fc.constantFrom(...Object.keys(DRESSES));

  it('when it was set by the file', async () => {
    await fc.assert(
      fc.asyncProperty(secretText, dress, fc.nat(60), async (value, how, limit) => {
        const leaky = step('/x/{{word}}?q={{word}}', {
          method: 'POST',
          headers: { 'x-say': 'I say {{word}}', 'x-dress': how },
          body: 'before {{word}} after',
          expect: {
            status: 418,
            headers: { 'x-heard': { equals: 'not {{word}}' } },
            maxBodyBytes: 5_000,
          },
        });
        const cut = {
          ...leaky,
          expect: { status: 418, maxBodyBytes: limit, bodyContains: '{{word}}?' },
        };
        const variables = { word: { value, secret: true } };

        await expectHidden(scenarioOf([leaky], { variables }), value);
        await expectHidden(scenarioOf([cut], { variables }), value);
      }),
      { numRuns: 60 },
    );
  });

  it('when it was captured from an answer, even a wrong one', async () => {
    await fc.assert(
      fc.asyncProperty(secretText, dress, async (value, how) => {
        const give = step('/give', {
          method: 'POST',
          body: `[${value}]`,
          headers: { 'x-say': 'x' },
          capture: { word: { after: '[', secret: true } },
        });
        const use = step('/x', {
          method: 'POST',
          headers: { 'x-dress': how },
          body: '{{word}}',
          expect: { status: 418, bodyContains: 'never said' },
        });
        const wrong = {
          ...use,
          body: `[${value}`,
          capture: { word: { after: '[', before: ' /x', secret: true } },
        };
        const captured = `${value}]`;

        await expectHidden(scenarioOf([give, use]), captured);
        await expectHidden(scenarioOf([{ ...wrong, headers: { 'x-dress': 'plain' } }]), value);
      }),
      { numRuns: 60 },
    );
  });
});
