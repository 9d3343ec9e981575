import { ReleaseError } from '../../contract/errors';
import { networkError } from './errors';

/** Aborts when nothing happened for `timeoutMs`; `touch` says that something did. */
export interface Deadline {
  readonly signal: AbortSignal;
  touch(): void;
  clear(): void;
}

export function createDeadline(timeoutMs: number): Deadline {
  const controller = new AbortController();
  const expire = (): void => {
    controller.abort(new Error(`no answer within ${timeoutMs} ms`));
  };
  let timer = setTimeout(expire, timeoutMs);
  return {
    signal: controller.signal,
    touch: () => {
      clearTimeout(timer);
      timer = setTimeout(expire, timeoutMs);
    },
    clear: () => {
      clearTimeout(timer);
    },
  };
}

/** The chunks of a body; the time-out starts anew at each of them. Leaving early drops the connection. */
export async function* readChunks(
  body: AsyncIterable<Uint8Array>,
  deadline: Deadline,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of body) {
      deadline.touch();
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ReleaseError ? error : networkError(what, error);
  } finally {
    deadline.clear();
  }
}

/** @throws ReleaseError INVALID_INPUT when the body is over `maxBytes`. */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new ReleaseError('INVALID_INPUT', `${what} is over the limit of ${maxBytes} bytes`, {
        details: { remedy: 'check what was pushed there', maxBytes },
      });
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts, size);
}
