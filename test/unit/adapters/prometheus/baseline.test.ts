import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createWasStored, type WasStored } from '../../../../src/adapters/prometheus/baseline';

const METRIC = 'requests_total';
const T0 = Date.parse('2026-01-01T00:00:00Z');
const at = (minutes: number): string => new Date(T0 + minutes * 60_000).toISOString();

let server: Server;
let asked: string[];
/** Minutes after T0 of the samples that Prometheus has; null: it is down. */
let stored: readonly number[] | null;
let wasStored: WasStored;

/** As Prometheus answers the two questions, with its lookback of 5 minutes. */
function valueOf(expr: string, time: string): number | null {
  const now = (Date.parse(time) - T0) / 60_000;
  const within = (minutes: number): number[] =>
    (stored ?? []).filter((sample) => sample <= now && sample > now - minutes);
  if (expr.startsWith('count(')) return within(15).length || null;
  const newest = Math.max(...within(5));
  return Number.isFinite(newest) ? T0 / 1000 + newest * 60 : null;
}

beforeEach(async () => {
  asked = [];
  stored = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const form = new URLSearchParams(body);
      const expr = form.get('query') ?? '';
      asked.push(expr);
      if (stored === null) {
        response.destroy();
        return;
      }
      const value = valueOf(expr, form.get('time') ?? '');
      const result = value === null ? [] : [{ metric: {}, value: [0, String(value)] }];
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  wasStored = createWasStored({ url, timeoutMs: 1_000 });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it.each([
  ['a sample just before', [9.9], true],
  ['one beyond the lookback, within 15 minutes', [-4], true],
  ['one that is older', [-5.1], false],
  ['one that came later', [10.1], false],
  ['none', [], false],
])('knows %s', async (_what, samples, expected) => {
  stored = samples;

  expect(await wasStored(METRIC, at(10))).toBe(expected);
});

it('asks once for all windows that begin within 15 minutes after a sample', async () => {
  stored = [0];
  await wasStored(METRIC, at(1));

  const answers = await Promise.all([0, 5, 15].map((minutes) => wasStored(METRIC, at(minutes))));

  expect(answers).toEqual([true, true, true]);
  expect(asked).toHaveLength(1);
});

it.each([
  ['before it', -1, [0], false],
  ['later than that', 16, [0, 15.5], true],
])('asks again for a window %s', async (_when, minutes, samples, expected) => {
  stored = samples;
  await wasStored(METRIC, at(1));

  expect(await wasStored(METRIC, at(minutes))).toBe(expected);
  expect(asked.length).toBeGreaterThan(1);
});

it('asks once for windows that begin at the same time', async () => {
  stored = [0];

  await Promise.all(
    Array.from({ length: 20 }, (_, index) => wasStored(METRIC, at(1 + index / 10))),
  );

  expect(asked).toHaveLength(1);
});

it('keeps no answer that there was none', async () => {
  await wasStored(METRIC, at(1));
  stored = [0.5];

  expect(await wasStored(METRIC, at(1))).toBe(true);
});

it('fails when Prometheus does, for each that asks, and goes on when it is back', async () => {
  stored = null;
  const ask = (): Promise<boolean> => wasStored(METRIC, at(1));
  const failed = await Promise.allSettled([ask(), ask(), ask()]);
  stored = [0];

  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await ask()).toBe(true);
});
