import { readFile } from 'node:fs/promises';
import { failureReason, hasErrorCode } from '../../../src/contract/error-reason';

describe('failureReason', () => {
  it.each([
    ['its message', new Error('no room'), 'no room'],
    ['the cause below', new TypeError('fetch failed', { cause: new Error('refused') }), 'refused'],
    [
      'its code, without a message',
      Object.assign(new Error(''), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    ['its name, without anything else', new TypeError(''), 'TypeError'],
    ['a thrown text', 'odd', 'odd'],
    ['nothing', undefined, 'undefined'],
  ])('gives %s', (_case, error, expected) => {
    expect(failureReason(error)).toBe(expected);
  });
});

it('knows a system error by its code', async () => {
  const error: unknown = await readFile('/nonexistent/file').catch((cause: unknown) => cause);

  expect(hasErrorCode(error, 'ENOENT')).toBe(true);
  expect(hasErrorCode(error, 'EEXIST')).toBe(false);
  expect(hasErrorCode(null, 'ENOENT')).toBe(false);
});
