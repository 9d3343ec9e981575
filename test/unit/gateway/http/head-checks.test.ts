import {
  assertExpectation,
  assertHeadersOnce,
  assertMethod,
} from '../../../../src/gateway/http/head-checks';
import type { IncomingMessage } from 'node:http';

function expecting(expectation?: string): Pick<IncomingMessage, 'headers'> {
  return { headers: expectation === undefined ? {} : { expect: expectation } };
}

describe('head checks', () => {
  it.each(['Host', 'authorization', 'CONTENT-TYPE', 'content-Range', 'Range'])(
    'refuses a second %s, however it is written',
    (name) => {
      const rawHeaders = [name, 'a', 'X-Other', 'b', name.toLowerCase(), 'a'];

      expect(() => {
        assertHeadersOnce({ rawHeaders });
      }).toThrow(expect.objectContaining({ status: 400 }) as Error);
    },
  );

  it('lets headers be repeated that are lists', () => {
    const rawHeaders = ['Accept', 'a/b', 'Accept', 'c/d', 'Host', 'h'];

    expect(() => {
      assertHeadersOnce({ rawHeaders });
    }).not.toThrow();
  });

  it.each([
    ['POST', 'base'],
    ['PUT', 'blob'],
    ['GET', 'uploads'],
    ['POST', 'manifest'],
    ['PATCH', 'manifest'],
    ['HEAD', 'upload'],
    ['OPTIONS', 'tags'],
    ['PURGE', 'referrers'],
    ['HEAD', 'evidence'],
    ['get', 'base'],
  ] as const)('refuses %s at %s and says what is allowed', (method, kind) => {
    const route = { kind } as Parameters<typeof assertMethod>[1];

    expect(() => {
      assertMethod(method, route);
    }).toThrow(
      expect.objectContaining({
        status: 405,
        refusal: expect.objectContaining({ code: 'UNSUPPORTED' }) as unknown,
        headers: { allow: expect.any(String) as unknown },
      }) as Error,
    );
  });

  it('knows no expectation but 100-continue', () => {
    expect(() => {
      assertExpectation(expecting());
      assertExpectation(expecting('100-Continue'));
    }).not.toThrow();
    expect(() => {
      assertExpectation(expecting('a-miracle'));
    }).toThrow(expect.objectContaining({ status: 417 }) as Error);
  });
});
