import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

function taskset(pid: number, list: string): boolean {
  try {
    execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', list, String(pid)], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/** Keeps all threads of a process to one core; false where there is no taskset (util-linux), or no such core. */
export function keepToCore(pid: number, core: number): boolean {
  return taskset(pid, String(core));
}

export function letGoOfCore(pid: number): void {
  taskset(pid, `0-${cpus().length - 1}`);
}
