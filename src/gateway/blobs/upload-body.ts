import type { IncomingMessage } from 'node:http';
import { refused } from '../http/refused';

/** A registry that keeps its bytes in object storage copies them when an upload ends: minutes for a large layer. */
export const COMMIT_TIMEOUT_MS = 15 * 60_000;

/** distribution-spec, "Pushing a blob in chunks": `start-end`, inclusive. */
const CONTENT_RANGE = /^\d{1,18}-\d{1,18}$/;

export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** @throws Refused BLOB_UPLOAD_INVALID */
export function assertContentRange({ headers }: Pick<IncomingMessage, 'headers'>): void {
  const range = headers['content-range'];
  if (range === undefined || CONTENT_RANGE.test(range)) return;
  throw refused({
    code: 'BLOB_UPLOAD_INVALID',
    rule: 'content-range',
    message: 'Not a range of a chunk',
    remedy: 'Content-Range: {first byte}-{last byte}',
  });
}

/** While the registry commits, no byte moves on the client's connection: that is not idleness. */
export function allowCommitTime({ request }: { readonly request: IncomingMessage }): void {
  const extend = (): void => {
    request.socket.setTimeout(COMMIT_TIMEOUT_MS);
  };
  if (request.complete) extend();
  else request.once('end', extend);
}
