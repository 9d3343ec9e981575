import type { IncomingMessage } from 'node:http';
import { refused } from './refused';
import type { Route } from './route';

/**
 * Headers that we or the registry act on. Of two, Node keeps the first or joins them; someone else might go by the other one,
 * so neither is taken (RFC 9112, 11.2: request smuggling).
 */
const ONCE: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'expect',
  'host',
  'if-range',
  'range',
  'transfer-encoding',
]);

const METHODS: Readonly<Record<Route['kind'], readonly string[]>> = {
  base: ['GET', 'HEAD'],
  token: ['GET', 'POST'],
  catalog: ['GET', 'HEAD'],
  notifications: ['POST'],
  health: ['GET', 'HEAD'],
  metrics: ['GET', 'HEAD'],
  tags: ['GET', 'HEAD'],
  manifest: ['GET', 'HEAD', 'PUT', 'DELETE'],
  blob: ['GET', 'HEAD', 'DELETE'],
  uploads: ['POST'],
  upload: ['GET', 'PATCH', 'PUT', 'DELETE'],
  referrers: ['GET', 'HEAD'],
  evidence: ['GET'],
};

/** @throws Refused 400 when a header that must be there once is there twice */
export function assertHeadersOnce({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): void {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) {
      throw refused({
        code: 'UNSUPPORTED',
        status: 400,
        rule: 'header-once',
        message: `The header ${name} is there twice`,
        remedy: 'send it once',
      });
    }
    seen.add(name);
  }
}

/** @throws Refused 405 with Allow */
export function assertMethod(method: string, { kind }: Route): void {
  const allowed = METHODS[kind];
  if (allowed.includes(method)) return;
  throw refused(
    {
      code: 'UNSUPPORTED',
      rule: 'method',
      message: `${method} is not served at this path`,
      remedy: `use ${allowed.join(', ')}`,
    },
    { allow: allowed.join(', ') },
  );
}

/** @throws Refused 417 for an expectation that is not 100-continue (RFC 9110, 10.1.1) */
export function assertExpectation({ headers }: Pick<IncomingMessage, 'headers'>): void {
  const { expect } = headers;
  if (expect === undefined || expect.toLowerCase() === '100-continue') return;
  throw refused({
    code: 'UNSUPPORTED',
    status: 417,
    rule: 'expectation',
    message: 'Nothing is expected here but 100-continue',
    remedy: 'leave the header Expect away',
  });
}
