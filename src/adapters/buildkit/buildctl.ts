import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { builderUnavailable } from './failures';

const KILL_GRACE_MS = 5_000;

export interface BuildctlRun {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly timedOut: boolean;
}

export interface BuildctlInput {
  readonly buildctl: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLine: (line: string) => void;
}

/**
 * Runs buildctl to its end. It tells the daemon to give up when it gets SIGTERM, so abort and time-out ask first.
 *
 * @throws ReleaseError BUILDER_UNAVAILABLE when it cannot be started; the signal's reason when aborted
 */
export async function runBuildctl(input: BuildctlInput): Promise<BuildctlRun> {
  input.signal?.throwIfAborted();
  const child = spawn(input.buildctl, [...input.args], {
    env: { ...input.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, input.timeoutMs);
  input.signal?.addEventListener('abort', stop, { once: true });
  try {
    const lines = createInterface({ input: child.stderr });
    lines.on('line', input.onLine);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    input.signal?.throwIfAborted();
    return { code, timedOut };
  } catch (cause) {
    input.signal?.throwIfAborted();
    throw builderUnavailable('buildctl could not be started', cause);
  } finally {
    clearTimeout(timer);
    clearTimeout(killTimer);
    input.signal?.removeEventListener('abort', stop);
  }
}
