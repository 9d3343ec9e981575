/** A request as bytes, built around one that the robot would be allowed to make, so that getting it through would show. */
export interface FramingCase {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface FramingInput {
  readonly authorization: string;
  /** A push that would be accepted on its own. */
  readonly target: string;
  readonly body: string;
  readonly contentType: string;
}

function crlf(...lines: readonly string[]): string {
  return lines.join('\r\n');
}

/**
 * Forms in which two parsers have read one stream as two different rows of requests (RFC 9112, sections 6.3, 11.2). Each hides the
 * allowed push where only a wrong reading finds it.
 */
export function framingCases(input: FramingInput): readonly FramingCase[] {
  const { authorization, target, body, contentType } = input;
  const length = Buffer.byteLength(body);
  const host = 'Host: registry.test';
  const common = [host, `Authorization: ${authorization}`, `Content-Type: ${contentType}`];
  const hidden = `${crlf(`PUT ${target} HTTP/1.1`, ...common, `Content-Length: ${length}`, '', '')}${body}`;
  const outer = 'POST /v2/scratch/absent/manifests/t HTTP/1.1';
  const chunk = (text: string): string =>
    `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  const put = `PUT ${target} HTTP/1.1`;
  const whole = (...headers: readonly string[]): string => crlf(put, ...common, ...headers, '', '');
  const texts: Readonly<Record<string, string>> = {
    'length and chunked, push behind the terminator': `${crlf(outer, ...common, `Content-Length: ${5 + hidden.length}`, 'Transfer-Encoding: chunked', '', '')}0\r\n\r\n${hidden}`,
    'chunked and length, push inside the chunk': `${crlf(outer, ...common, 'Transfer-Encoding: chunked', 'Content-Length: 0', '', '')}${chunk(hidden)}`,
    'two lengths, the first 0': `${crlf(outer, ...common, 'Content-Length: 0', `Content-Length: ${hidden.length}`, '', '')}${hidden}`,
    'two lengths, the last 0': `${crlf(outer, ...common, `Content-Length: ${hidden.length}`, 'Content-Length: 0', '', '')}${hidden}`,
    'a list of lengths': `${whole(`Content-Length: ${length}, ${length}`)}${body}`,
    'a signed length': `${whole(`Content-Length: +${length}`)}${body}`,
    'a negative length': `${whole('Content-Length: -1')}${body}`,
    'a hexadecimal length': `${whole(`Content-Length: 0x${length.toString(16)}`)}${body}`,
    'a length beyond 64 bits': `${whole('Content-Length: 99999999999999999999999')}${body}`,
    'no length at all': whole(),
    'a coding that is not chunked': `${whole('Transfer-Encoding: xchunked')}${chunk(body)}`,
    'chunked is not last': `${whole('Transfer-Encoding: chunked, identity')}${chunk(body)}`,
    'chunked twice': `${whole('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, identity')}${chunk(body)}`,
    'a space before the colon': `${whole('Transfer-Encoding : chunked')}${chunk(body)}`,
    'a tab before the coding, and a length': `${whole('Transfer-Encoding:\tchunked', `Content-Length: ${length}`)}${chunk(body)}`,
    'a coding on a folded line': `${whole('Transfer-Encoding:', ' chunked', 'Content-Length: 4')}${chunk(body)}`,
    'a folded header': `${whole('X-Note: a', ' b: c', `Content-Length: ${length}`)}${body}`,
    'a header without a colon': `${whole('nonsense', `Content-Length: ${length}`)}${body}`,
    'a header without a name': `${whole(': nothing', `Content-Length: ${length}`)}${body}`,
    'a NUL in a header': `${whole('X-Note: a\0b', `Content-Length: ${length}`)}${body}`,
    'a bare CR in a header': `${whole('X-Note: a\rContent-Length: 0', `Content-Length: ${length}`)}${body}`,
    'bare line feeds': `${[put, ...common, `Content-Length: ${length}`, '', ''].join('\n')}${body}`,
    'one bare line feed': `${whole(`X-Note: a\nContent-Length: ${length}`)}${body}`,
    'a chunk size beyond 64 bits': `${whole('Transfer-Encoding: chunked')}FFFFFFFFFFFFFFFFF\r\n${body}\r\n0\r\n\r\n`,
    'a negative chunk size': `${whole('Transfer-Encoding: chunked')}-1\r\n${body}\r\n0\r\n\r\n`,
    'a chunk size with a prefix': `${whole('Transfer-Encoding: chunked')}0x${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    'a chunk that is longer than it says': `${whole('Transfer-Encoding: chunked')}4\r\n${body}\r\n0\r\n\r\n`,
    'a chunk extension without end': `${whole('Transfer-Encoding: chunked')}${length.toString(16)};a=${'x'.repeat(100_000)}\r\n${body}\r\n0\r\n\r\n`,
    'a chunk ended by a bare line feed': `${whole('Transfer-Encoding: chunked')}${length.toString(16)}\n${body}\n0\n\n`,
    'no host': `${crlf(put, ...common.slice(1), `Content-Length: ${length}`, '', '')}${body}`,
    'a method that is none': `${crlf(`FOO ${target} HTTP/1.1`, ...common, `Content-Length: ${length}`, '', '')}${body}`,
    'a method in lower case': `${crlf(`put ${target} HTTP/1.1`, ...common, `Content-Length: ${length}`, '', '')}${body}`,
    'a version that is none': `${crlf(`PUT ${target} HTTP/1.9`, ...common, `Content-Length: ${length}`, '', '')}${body}`,
    'no version': `PUT ${target}\r\n\r\n${body}`,
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'headers without end': `${put}\r\n${'X-Note: a\r\n'.repeat(20_000)}`,
    'a header of 100 KB': `${whole(`X-Note: ${'a'.repeat(100_000)}`, `Content-Length: ${length}`)}${body}`,
    'CONNECT to elsewhere': crlf('CONNECT other.test:443 HTTP/1.1', ...common, '', ''),
    'an upgrade': crlf('GET /v2/ HTTP/1.1', host, 'Connection: Upgrade', 'Upgrade: h2c', '', ''),
    TRACE: crlf('TRACE /v2/ HTTP/1.1', ...common, '', ''),
    'an expectation that nobody knows': `${whole('Expect: 200-maybe', `Content-Length: ${length}`)}${body}`,
  };
  return Object.entries(texts).map(([name, text]) => ({
    name,
    bytes: Buffer.from(text, 'latin1'),
  }));
}
