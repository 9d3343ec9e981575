import type { Head } from './dispatch';

const STATUS_LINE = /^HTTP\/1\.1 (\d{3})(?: |$)/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/** Head of an HTTP/1.1 response, without the empty line at its end; null for anything that is not exactly that. */
export function parseResponseHead(bytes: Buffer): Head | null {
  const [first = '', ...lines] = bytes.toString('latin1').split('\r\n');
  const status = STATUS_LINE.exec(first)?.[1];
  if (status === undefined) return null;
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const [, name, value = ''] = FIELD.exec(line) ?? [];
    if (name === undefined) return null;
    const key = name.toLowerCase();
    const known = headers[key];
    headers[key] = known === undefined ? value : `${known}, ${value}`;
  }
  return { status: Number(status), headers };
}

/** Bytes of the body of an answer to a GET that says how long it is; null where a real HTTP client has to look closer. */
export function declaredLength({ status, headers }: Head): number | null {
  const length = headers['content-length'] ?? '';
  const hasBody = status >= 200 && status !== 204 && status !== 304;
  const isPlain = hasBody && headers['transfer-encoding'] === undefined;
  return isPlain && /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** Bytes of a whole or partial blob that says how long it is; null for any other answer. */
export function plainBodyLength(head: Head): number | null {
  return head.status === 200 || head.status === 206 ? declaredLength(head) : null;
}
