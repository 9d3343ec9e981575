import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface SupervisedRun {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface SupervisedEnd {
  /** Null: killed. */
  readonly code: number | null;
  /** The end of what it said on standard error. */
  readonly said: string;
}

const MAX_SAID = 4000;
const KILLED = 137;
// Beside this file, built or not.
const SUPERVISOR = path.join(__dirname, `supervise${path.extname(__filename)}`);

/** Kills what a killed supervisor left behind. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone, as it should be.
  }
}

function followPid(child: ChildProcess): () => number {
  let text = '';
  const pipe = child.stdio[3] as Readable;
  pipe.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => Number.parseInt(text, 10);
}

/** Runs a command to its end under a supervisor: it does not outlive the deadline, the signal, or this process. */
export async function runSupervised(run: SupervisedRun): Promise<SupervisedEnd> {
  run.signal.throwIfAborted();
  const args = [SUPERVISOR, String(run.deadlineMs), ...run.command];
  const child = spawn(process.execPath, args, {
    env: run.env,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const pidOf = followPid(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-MAX_SAID);
  });
  createInterface({ input: child.stdout }).on('line', run.onLine);
  // The supervisor may be gone before it is told.
  child.stdin.on('error', () => undefined);
  const stop = (): void => {
    child.stdin.end();
  };
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code === null && pidOf() > 0) killGroup(pidOf());
    return { code: code === KILLED ? null : code, said };
  } finally {
    run.signal.removeEventListener('abort', stop);
  }
}
