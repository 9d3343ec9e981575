import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, type ProcessIdentity } from './identity';

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long a stop may take before SIGKILL. Default 10 s. */
  readonly graceMs?: number;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process in a group of its own, its output in a file. */
export interface Child {
  readonly identity: ProcessIdentity;
  readonly logFile: string;
  readonly exited: Promise<ExitStatus>;
  isRunning(): boolean;
  /** To the whole group. */
  signal(signal: NodeJS.Signals): void;
  /** Asks, then kills the group after the grace. Resolves when the leader is gone; safe to call twice. */
  stop(): Promise<void>;
}

const SETPRIV = '/usr/bin/setpriv';
const DEFAULT_GRACE_MS = 10_000;

/** With setpriv (util-linux) the kernel ends the child when we die, even by SIGKILL (prctl(2), PR_SET_PDEATHSIG). */
export function tiedToParent(spec: ProcessSpec): readonly [string, readonly string[]] {
  try {
    accessSync(SETPRIV, constants.X_OK);
  } catch {
    return [spec.command, spec.args];
  }
  const signal = (spec.stopSignal ?? 'SIGTERM').replace('SIG', '');
  return [SETPRIV, ['--pdeathsig', signal, '--', spec.command, ...spec.args]];
}

/** Negative: the group that the process leads (kill(2)). */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

function launch(spec: ProcessSpec, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    const [command, args] = tiedToParent(spec);
    return spawn(command, args, {
      env: spec.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
  } finally {
    closeSync(log);
  }
}

/** @throws Error when the command can't be run at all. */
export async function startChild(spec: ProcessSpec, logFile: string): Promise<Child> {
  const child = launch(spec, logFile);
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const identity = identify(pid) ?? { pid, startTime: '' };
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = async (): Promise<void> => {
    const graceMs = spec.graceMs ?? DEFAULT_GRACE_MS;
    if (isRunning()) {
      signalGroup(pid, spec.stopSignal ?? 'SIGTERM');
      const grace = new AbortController();
      await Promise.race([exited, sleep(graceMs, undefined, { signal: grace.signal })]);
      grace.abort();
    }
    // Also after a clean end: a grandchild must not outlive its leader.
    signalGroup(pid, 'SIGKILL');
    await exited;
  };
  return {
    identity,
    logFile,
    exited,
    isRunning,
    stop,
    signal: (signal) => {
      signalGroup(pid, signal);
    },
  };
}
