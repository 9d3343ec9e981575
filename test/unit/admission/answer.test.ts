import { allow, deny, fitWarnings } from '../../../src/admission/answer';

it('cuts a warning to the length that the API server never cuts', () => {
  const [warning = ''] = fitWarnings(['x'.repeat(500)]);

  expect(warning).toHaveLength(256);
  expect(warning.endsWith('…')).toBe(true);
});

it.each([
  ['a line break at its end, as a YAML block has it', 'incident 4711\n', 'incident 4711'],
  ['several lines', 'incident\r\n4711\tis open', 'incident 4711 is open'],
  ['what a terminal obeys', 'incident \u001B[2J4711\u202E', 'incident  [2J4711'],
])('has no control characters, for which a warning is thrown away: %s', (_what, text, expected) => {
  expect(fitWarnings([text])).toEqual([expected]);
});

it('has no warning that says nothing', () => {
  expect(fitWarnings(['\n', ''])).toEqual([]);
});

it('gives as many warnings as the API server passes on, each once', () => {
  const many = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(118)}`);

  const fitting = fitWarnings([...many, ...many]);

  expect(Buffer.byteLength(fitting.join(''))).toBeLessThanOrEqual(4096);
  expect(fitting.at(-1)).toBe(`and ${100 - fitting.length + 1} more warnings`);
  expect(fitWarnings(['same', 'same\n'])).toEqual(['same']);
});

it('says with its status whether it may be otherwise later', () => {
  expect(deny('u', 'judged', 'no').status).toMatchObject({ code: 403, reason: 'Forbidden' });
  expect(deny('u', 'unknown', 'no').status).toMatchObject({
    code: 503,
    reason: 'ServiceUnavailable',
  });
});

it('bounds the message of a denial', () => {
  expect(deny('u', 'judged', 'x'.repeat(100_000)).status?.message).toHaveLength(8192);
});

it('has no empty lists', () => {
  expect(allow('u')).toEqual({ uid: 'u', allowed: true });
});
