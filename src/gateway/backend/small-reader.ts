import type { Head } from './dispatch';
import { backendFailure } from './failures';
import { createLinePool, type LineRequest, type LineTarget } from './line-pool';
import { createLineTrial } from './line-trial';

/** Of one read: a manifest of the usual size comes at once. */
const READ_BUFFER = 32 * 1024;

export type SmallAnswer = Head & { readonly body: Buffer };

export interface SmallReader {
  /**
   * Null: the answer is not plain, too long, or was cut off; the HTTP client has to ask.
   *
   * @throws Refused 504 when the registry's time is over, 502 when the client has gone
   */
  read(request: LineRequest, maxBytes: number): Promise<SmallAnswer | null>;
  close(): void;
}

/** Small answers of a registry that speaks plain HTTP: manifests. */
export function createSmallReader(target: LineTarget): SmallReader {
  const lines = createLinePool(target, READ_BUFFER);
  const trial = createLineTrial();
  return {
    read: (request, maxBytes) =>
      new Promise((resolve, reject) => {
        const { signal } = request;
        const text = lines.textOf(request);
        if (text === null || signal.aborted || !trial.isDue()) {
          resolve(null);
          return;
        }
        let head: Head | undefined;
        const pieces: Buffer[] = [];
        lines.ask(text, signal, {
          head: (got) => {
            head = got;
            return Number(got.headers['content-length']) <= maxBytes;
          },
          data: (chunk) => {
            // The line reads into the same memory again.
            pieces.push(Buffer.from(chunk));
            return true;
          },
          over: (outcome) => {
            if (signal.aborted) {
              reject(backendFailure(new Error('the client went away')));
              return;
            }
            trial.tell(outcome === 'whole' || outcome === 'broken');
            if (outcome === 'late') {
              reject(backendFailure({ code: 'ETIMEDOUT' }));
              return;
            }
            const isWhole = head !== undefined && outcome === 'whole';
            const [first] = pieces;
            const body = pieces.length === 1 && first ? first : Buffer.concat(pieces);
            resolve(isWhole && head ? { ...head, body } : null);
          },
        });
      }),
    close: () => {
      lines.close();
    },
  };
}
