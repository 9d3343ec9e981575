import { readFileSync } from 'node:fs';

/** A process by number and birth: a number alone is given out again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at its start: field 22 of /proc/{pid}/stat (proc_pid_stat(5)). */
  readonly startTime: string;
}

/** Fields after the command name, which may itself hold spaces and parentheses. */
export function parseStat(stat: string): { state: string; startTime: string } | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return state && startTime ? { state, startTime } : undefined;
}

function readStat(pid: number): { state: string; startTime: string } | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTime: stat.startTime };
}

/** False for a zombie, and for another process that has got the same number. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat?.startTime === identity.startTime && stat.state !== 'Z' && stat.state !== 'X';
}
