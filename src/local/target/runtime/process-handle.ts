import { readFile } from 'node:fs/promises';

/** A process named so that a reused pid is not mistaken for it. */
export interface ProcessHandle {
  readonly pid: number;
  /** Clock ticks since boot, /proc/{pid}/stat field 22 (proc_pid_stat(5)). */
  readonly startTime: string;
}

interface Stat {
  readonly state: string;
  readonly startTime: string;
}

async function readStat(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The command name in parentheses may hold anything, so count from the last one.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields?.[0];
  const startTime = fields?.[19];
  return state !== undefined && startTime !== undefined ? { state, startTime } : null;
}

/** Null when there is no such process, or only its zombie. */
export async function openProcess(pid: number): Promise<ProcessHandle | null> {
  const stat = await readStat(pid);
  return stat && stat.state !== 'Z' ? { pid, startTime: stat.startTime } : null;
}

export async function isAlive(handle: ProcessHandle): Promise<boolean> {
  const now = await openProcess(handle.pid);
  return now?.startTime === handle.startTime;
}
