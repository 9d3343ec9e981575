import type { IncomingMessage } from 'node:http';
import { refused, type Refused } from '../../http/refused';

/** What we still read of a body that is too long: the client then gets our answer, not a broken connection. */
const MAX_DRAINED = 32 * 1024 * 1024;
/** A byte now and then keeps no memory of ours. */
const TIMEOUT_MS = 60_000;

function tooLarge(what: string, maxBytes: number): Refused {
  return refused(
    {
      code: 'SIZE_INVALID',
      rule: 'body-size',
      message: `The ${what} is larger than ${maxBytes} bytes`,
      remedy: 'send less: a manifest names blobs, it does not hold them',
    },
    { connection: 'close' },
  );
}

/**
 * A whole small body. Ends the connection when it takes longer than a minute.
 *
 * @throws Refused SIZE_INVALID (413)
 */
export async function readBody(
  request: IncomingMessage,
  { what, maxBytes }: { readonly what: string; readonly maxBytes: number },
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_DRAINED) throw tooLarge(what, maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  const deadline = setTimeout(() => request.destroy(), TIMEOUT_MS);
  try {
    // The answer needs the socket: leaving the loop may not close it.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size <= maxBytes) chunks.push(bytes);
      else chunks.length = 0;
      if (size > MAX_DRAINED) break;
    }
  } finally {
    clearTimeout(deadline);
  }
  if (size > maxBytes) throw tooLarge(what, maxBytes);
  return Buffer.concat(chunks);
}
