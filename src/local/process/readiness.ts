import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child';
import { lastLines } from './log-file';
import { SetupError } from './setup-error';

/** True when the part answers. */
export type Probe = () => Promise<boolean>;

const PROBE_EVERY_MS = 50;
const PROBE_TIMEOUT_MS = 2000;

/** Answers with 2xx, or with 401 where a login is needed. */
export function httpProbe(url: string): Probe {
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
      await response.body?.cancel();
      return response.ok || response.status === 401;
    } catch {
      return false;
    }
  };
}

/** Accepts a connection: a port of 127.0.0.1, or the path of a Unix socket. */
export function connectProbe(to: number | string): Probe {
  return () =>
    new Promise((resolve) => {
      const options = typeof to === 'number' ? { host: '127.0.0.1', port: to } : { path: to };
      const socket = createConnection({ ...options, timeout: PROBE_TIMEOUT_MS });
      const end = (answer: boolean) => (): void => {
        socket.destroy();
        resolve(answer);
      };
      socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
    });
}

/** Says so in its log, from now on. */
export function logProbe(file: string, text: string): Probe {
  const start = existsSync(file) ? statSync(file).size : 0;
  return async () => {
    const log = existsSync(file) ? await readFile(file) : Buffer.alloc(0);
    return log.subarray(start).includes(text);
  };
}

/** @throws SetupError with the last log lines when it ends early or does not answer in time. */
export async function waitReady(
  name: string,
  child: Child,
  probe: Probe,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await probe())) {
    if (!child.isRunning()) {
      const { code, signal } = await child.exited;
      const how = signal === null ? `exit code ${String(code)}` : signal;
      throw failure(child, `${name} ended (${how}) before it was ready.`);
    }
    if (Date.now() > deadline) {
      throw failure(child, `${name} did not answer within ${timeoutMs / 1000} s.`);
    }
    await sleep(PROBE_EVERY_MS);
  }
}

function failure(child: Child, message: string): SetupError {
  const remedy = `See ${child.logFile}; \`npm run reset\` starts from an empty state folder.`;
  return new SetupError(message, remedy, lastLines(child.logFile));
}
