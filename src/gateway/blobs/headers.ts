import type { IncomingHttpHeaders } from 'node:http';

type Plain = Readonly<Record<string, string>>;

/** Of a read (RFC 9110: conditions and ranges). No Accept-Encoding: a blob's bytes are those of its digest. */
const READ_REQUEST = [
  'accept',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
];
const READ_ANSWER = [
  'accept-ranges',
  'cache-control',
  'content-length',
  'content-range',
  'content-type',
  'docker-content-digest',
  'etag',
  'last-modified',
  'retry-after',
];
const UPLOAD_REQUEST = ['content-length', 'content-range'];
/**
 * Never the client's own: distribution reads the body of a form into the parameters of the request (Go's FormValue), where
 * `mount` and `from` would give away what the client may not read.
 */
const UPLOAD_TYPE = 'application/octet-stream';
const UPLOAD_ANSWER = [
  'content-length',
  'content-type',
  'docker-content-digest',
  'docker-upload-uuid',
  'oci-chunk-min-length',
  'range',
  'retry-after',
];

function pick(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}

export const readRequestHeaders = (headers: IncomingHttpHeaders): Plain =>
  pick(headers, READ_REQUEST);
export const readAnswerHeaders = (headers: Plain): Record<string, string> =>
  pick(headers, READ_ANSWER);
export const uploadRequestHeaders = (headers: IncomingHttpHeaders): Plain => ({
  ...pick(headers, UPLOAD_REQUEST),
  'content-type': UPLOAD_TYPE,
});
export const uploadAnswerHeaders = (headers: Plain): Record<string, string> =>
  pick(headers, UPLOAD_ANSWER);
