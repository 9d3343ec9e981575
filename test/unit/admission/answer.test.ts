import { allow, deny, fitWarnings } from '../../../src/admission/answer';

it('cuts a warning to what the API server shows', () => {
  const [warning = ''] = fitWarnings(['x'.repeat(500)]);

  expect(warning).toHaveLength(120);
  expect(warning.endsWith('…')).toBe(true);
});

it('gives as many warnings as the API server passes on, each once', () => {
  const many = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(118)}`);

  const fitting = fitWarnings([...many, ...many]);

  expect(Buffer.byteLength(fitting.join(''))).toBeLessThanOrEqual(4096);
  expect(fitting.at(-1)).toBe(`and ${100 - fitting.length + 1} more warnings`);
  expect(fitWarnings(['same', 'same'])).toEqual(['same']);
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
