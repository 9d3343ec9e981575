import type { ServerResponse } from 'node:http';
import type { Answering } from './answer-reader';
import type { Head } from './dispatch';
import { backendFailure } from './failures';
import { createLinePool, type LineRequest, type LineTarget } from './line-pool';
import { createLineTrial } from './line-trial';
import { plainBodyLength } from './response-head';

/** Takes the head that the client is to see; what it gives is written. */
export type HeadersOf = (head: Head) => Readonly<Record<string, string>>;

export interface BlobPipe {
  /**
   * True: all of it went to the client, or it is clear to it that not. False: nothing was sent; ask the registry by `send`.
   *
   * @throws Refused 504 when the registry's time is over and nothing was sent
   */
  readonly pipe: (
    request: LineRequest,
    response: ServerResponse,
    headersOf: HeadersOf,
  ) => Promise<boolean>;
  close(): void;
}

/** What the kernel gives at once of a large blob. */
const READ_BUFFER = 512 * 1024;

/** Writes to the client's socket itself: a response would hold each piece back for a tick, and with it the memory it is in. */
function toClient(
  response: ServerResponse,
  headersOf: HeadersOf,
  over: Answering['over'],
): Answering | null {
  const { socket } = response;
  // Null while an earlier response of the same connection is still on its way.
  if (!socket) return null;
  let goOn: (() => void) | null = null;
  const onWritten = (): void => {
    if (!goOn || socket.writableLength > 0) return;
    const next = goOn;
    goOn = null;
    next();
  };
  return {
    head: (head) => {
      if (response.destroyed || plainBodyLength(head) === null) return false;
      response.writeHead(head.status, headersOf(head));
      socket.cork();
      response.flushHeaders();
      process.nextTick(() => {
        socket.uncork();
      });
      return true;
    },
    data: (chunk, next) => {
      socket.write(chunk, onWritten);
      if (socket.writableLength === 0) return true;
      goOn = next;
      return false;
    },
    over: (outcome) => {
      if (outcome === 'whole') response.end();
      if (outcome === 'broken') response.destroy();
      over(outcome);
    },
  };
}

/** Blobs of a registry that speaks plain HTTP, with as little in between as can be. */
export function createBlobPipe(target: LineTarget): BlobPipe {
  const lines = createLinePool(target, READ_BUFFER);
  const trial = createLineTrial();

  return {
    pipe: (request, response, headersOf) =>
      new Promise((resolve, reject) => {
        const { signal } = request;
        const text = lines.textOf(request);
        const answering = toClient(response, headersOf, (outcome) => {
          if (!signal.aborted) trial.tell(outcome === 'whole' || outcome === 'broken');
          // Asked once more it would take as long again, and the client's own connection ends before that.
          if (outcome === 'late') reject(backendFailure({ code: 'ETIMEDOUT' }));
          else resolve(outcome !== 'unusable');
        });
        if (text === null || !answering || signal.aborted || !trial.isDue()) {
          resolve(false);
          return;
        }
        lines.ask(text, signal, answering);
      }),
    close: () => {
      lines.close();
    },
  };
}
