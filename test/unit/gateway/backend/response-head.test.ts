import fc from 'fast-check';
import { parseResponseHead, plainBodyLength } from '../../../../src/gateway/backend/response-head';

function lengthOf(text: string): number | null {
  const head = parseResponseHead(Buffer.from(text, 'latin1'));
  return head && plainBodyLength(head);
}

describe('head of a plain answer', () => {
  it('is read with names in lower case and repeated fields joined', () => {
    const text =
      'HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nX-A:  b \r\nx-a: c\r\n__proto__: d';

    const head = parseResponseHead(Buffer.from(text));

    expect(head).toMatchObject({ status: 206, headers: { 'content-length': '5', 'x-a': 'b, c' } });
  });

  it.each([
    ['another version', 'HTTP/1.0 200 OK\r\nContent-Length: 1'],
    ['no version', '200 OK\r\nContent-Length: 1'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 1'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 1'],
    ['a bare line feed', 'HTTP/1.1 200 OK\nContent-Length: 1'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: 0x1'],
    ['no length', 'HTTP/1.1 200 OK\r\nX: y'],
    ['a redirect', 'HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 1'],
    ['an interim answer', 'HTTP/1.1 100 Continue\r\nContent-Length: 1'],
    ['an error', 'HTTP/1.1 404 Not Found\r\nContent-Length: 1'],
  ])('leaves %s to the HTTP client', (_what, text) => {
    expect(lengthOf(text)).toBeNull();
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const length = lengthOf(`HTTP/1.1 200 OK\r\n${text}`);

        expect(length === null || Number.isSafeInteger(length)).toBe(true);
      }),
    );
  });
});
