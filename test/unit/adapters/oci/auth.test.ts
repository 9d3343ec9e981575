import { parseChallenge } from '../../../../src/adapters/oci/token';
import { retryAfterMs } from '../../../../src/adapters/oci/errors';

describe('WWW-Authenticate', () => {
  it.each([
    [null, null],
    ['', null],
    ['Negotiate', null],
    ['Basic realm="x y"', { scheme: 'basic', parameters: { realm: 'x y' } }],
    [
      'bearer realm="https://auth.invalid/token",service=reg,scope="repository:a/b:pull,push"',
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.invalid/token',
          service: 'reg',
          scope: 'repository:a/b:pull,push',
        },
      },
    ],
  ])('%s', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it.each([
    [null, undefined],
    ['7', 7000],
    ['0', 0],
    ['Tue, 24 Nov 2026 12:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 11:00:00 GMT', undefined],
    ['999999', 300_000],
    ['-1', undefined],
    ['soon', undefined],
  ])('%s', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
