import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { E2eStack } from './e2e-stack';

/** Each page counted once, whoever shares it (Pss of proc_pid_smaps(5)). */
export interface StackMemory {
  readonly partsMb: number;
  readonly containersMb: number;
  readonly containers: number;
}

function pssMb(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Of this process, without itself. */
function descendants(): readonly number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === process.pid || (parent > 1 && isOurs(parent));
  };
  return pids.filter(isOurs);
}

/** Containers outlive who started them, and so are no children of ours. */
function containerPids(stateDir: string): readonly number[] {
  const bundles = path.join(stateDir, 'target', 'containers', 'bundles');
  if (!existsSync(bundles)) return [];
  return readdirSync(bundles).flatMap((id) => {
    try {
      return Number(readFileSync(path.join(bundles, id, 'pid'), 'utf8'));
    } catch {
      return [];
    }
  });
}

const sum = (pids: readonly number[]): number =>
  Math.round(pids.reduce((total, pid) => total + pssMb(pid), 0));

/** Of all that a stack of this process runs. */
export function measureMemory({ stateDir }: Pick<E2eStack, 'stateDir'>): StackMemory {
  const containers = containerPids(stateDir);
  return {
    partsMb: sum(descendants().filter((pid) => !containers.includes(pid))),
    containersMb: sum(containers),
    containers: containers.length,
  };
}
