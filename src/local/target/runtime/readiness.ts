import { setTimeout as sleep } from 'node:timers/promises';

const PROBE_TIMEOUT_MS = 2_000;
const POLL_MS = 40;

export interface ReadinessCheck {
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
  readonly isRunning: () => Promise<boolean>;
  readonly signal?: AbortSignal;
}

/** Null when the port answers `path` with 200, else what happened. Redirects are not followed. */
async function probe(port: number, path: string, timeoutMs: number): Promise<string | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs))),
    });
    await response.body?.cancel();
    return response.status === 200 ? null : `GET ${path} answered ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `GET ${path} failed: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/** Null once ready; the last problem when the time is up, or as soon as the container ended. */
export async function waitUntilReady(check: ReadinessCheck): Promise<string | null> {
  const deadline = performance.now() + check.timeoutMs;
  let problem: string | null = null;
  while (performance.now() < deadline && !check.signal?.aborted) {
    const left = deadline - performance.now();
    const found = await probe(check.port, check.path, Math.min(left, PROBE_TIMEOUT_MS));
    if (found === null) {
      // Another process could hold the port: an answer counts only while the container runs.
      return (await check.isRunning()) ? null : 'the container ended';
    }
    if (!(await check.isRunning())) {
      return 'the container ended';
    }
    // A probe that the deadline cut short says less than the one before it.
    if (problem === null || performance.now() < deadline) problem = found;
    await sleep(POLL_MS);
  }
  return `not ready after ${check.timeoutMs} ms: ${problem ?? 'it was not probed'}`;
}
