import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { endLeftovers } from '../process/records';
import { SetupError } from '../process/setup-error';
import { buildkitSocket } from './context';
import { postgresDir } from './postgres';
import { holdStateDir } from './start-stack';

/** Mount points at or under a folder, deepest first (proc_pid_mountinfo(5), field 5). */
export function mountsUnder(mountInfo: string, folder: string): readonly string[] {
  return mountInfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((point) => point.replace(/\\([0-7]{3})/g, (_, code: string) => octal(code)))
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
}

function octal(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 8));
}

/** A killed BuildKit or container leaves mounts behind, and deleting through one would leave the folder. */
function unmountAll(folder: string): void {
  const read = (): readonly string[] =>
    mountsUnder(readFileSync('/proc/self/mountinfo', 'utf8'), folder);
  for (const point of read()) {
    spawnSync('umount', ['--lazy', '--', point], { stdio: 'ignore' });
  }
  const [left] = read();
  if (left !== undefined) {
    throw new SetupError(`${left} is still mounted.`, `Unmount it: umount ${left}`);
  }
}

/** Something only a state folder of ours holds: `reset` must not delete a folder given by mistake. */
function looksLikeState(stateDir: string): boolean {
  return ['pids.json', 'logs', 'stack.json'].some((name) => existsSync(resolve(stateDir, name)));
}

/**
 * Deletes the state folder after ending what a killed stack left.
 * @returns false when there was none
 * @throws SetupError while a stack runs on it, or when it is no state folder.
 */
export async function resetState(folder: string): Promise<boolean> {
  const stateDir = resolve(folder);
  const release = await holdStateDir(stateDir);
  if (!release) {
    throw new SetupError(
      `A stack runs on ${stateDir}.`,
      'Stop it first with Ctrl-C in its terminal.',
    );
  }
  try {
    if (!existsSync(stateDir)) {
      return false;
    }
    if (!looksLikeState(stateDir)) {
      throw new SetupError(
        `${stateDir} is not a state folder of this program.`,
        'Set PLURA_STATE_DIR to the right folder, or delete this one yourself.',
      );
    }
    await endLeftovers(stateDir);
    unmountAll(stateDir);
    const outside = [postgresDir(stateDir), dirname(buildkitSocket(stateDir))];
    for (const path of [...outside, stateDir]) {
      await rm(path, { recursive: true, force: true });
    }
    return true;
  } finally {
    await release();
  }
}
