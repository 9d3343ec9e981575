import type { IncomingMessage } from 'node:http';
import type { Credential } from './identity';

const MAX_HEADER_LENGTH = 10_240;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** RFC 6750, 2.1: b64token. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** Null for what is neither `Basic name:secret` (RFC 7617) nor `Bearer token`. */
function parse(header: string): Credential | null {
  const split = header.indexOf(' ');
  const scheme = header.slice(0, Math.max(split, 0)).toLowerCase();
  const value = header.slice(split + 1).trim();
  if (scheme === 'bearer') return TOKEN.test(value) ? { kind: 'bearer', token: value } : null;
  if (scheme !== 'basic' || !BASE64.test(value)) return null;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon > 0
    ? { kind: 'password', name: text.slice(0, colon), secret: text.slice(colon + 1) }
    : null;
}

/** What the `Authorization` header holds; null when there is none. */
export function readAuthorization({
  headers,
}: Pick<IncomingMessage, 'headers'>): Credential | null {
  const header = headers.authorization;
  if (header === undefined || header === '') return null;
  const credential = header.length <= MAX_HEADER_LENGTH ? parse(header) : null;
  return credential ?? { kind: 'unreadable' };
}
