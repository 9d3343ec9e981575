import { fork } from 'node:child_process';
import path from 'node:path';
import type { z } from 'zod';

/**
 * Runs one job in a client process of its own.
 *
 * @param script file of this folder, without its ending, that ends in `serveLoad`
 * @throws Error with what it said, when it could not
 */
export async function runLoad<T>(
  script: string,
  result: z.ZodType<T>,
  job: { readonly kind: string },
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const child = fork(path.join(__dirname, `${script}.js`), {
    env: { NODE_ENV: 'production', PATH: process.env['PATH'] },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  let answer: unknown;
  child.once('message', (message) => {
    answer = message;
  });
  child.send(job);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  signal.removeEventListener('abort', kill);
  if (code !== 0 || answer === undefined) throw new Error(`${job.kind}: ${said || String(code)}`);
  return result.parse(answer);
}

/** The other end: takes one job, does it, says what it saw and ends. */
export function serveLoad<J, R extends object>(
  job: z.ZodType<J>,
  run: (job: J) => Promise<R>,
): void {
  process.once('message', (raw) => {
    run(job.parse(raw)).then(
      (result) => {
        process.send?.(result, () => {
          process.disconnect();
        });
      },
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
