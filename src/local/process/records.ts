import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { signalGroup } from './child';
import { isAlive } from './identity';

const Records = z.array(
  z.object({ name: z.string(), pid: z.number().int().positive(), startTime: z.string() }),
);

export type ProcessRecord = z.infer<typeof Records>[number];

const GRACE_MS = 5000;

function fileOf(stateDir: string): string {
  return join(stateDir, 'pids.json');
}

function readRecords(stateDir: string): readonly ProcessRecord[] {
  const file = fileOf(stateDir);
  if (!existsSync(file)) {
    return [];
  }
  try {
    return Records.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Cut short by a crash: the writer was killed, and nothing in it can be trusted.
    return [];
  }
}

/** Remembers what runs, so that the next start can clear it away if this one is killed. */
export async function writeRecords(
  stateDir: string,
  records: readonly ProcessRecord[],
): Promise<void> {
  const draft = `${fileOf(stateDir)}.new`;
  await writeFile(draft, JSON.stringify(records));
  await rename(draft, fileOf(stateDir));
}

/**
 * Ends processes that a killed stack has left behind, after checking that each is the one we started.
 * @returns their names
 */
export async function endLeftovers(stateDir: string): Promise<readonly string[]> {
  const left = readRecords(stateDir).filter(isAlive).reverse();
  left.forEach(({ pid }) => {
    signalGroup(pid, 'SIGTERM');
  });
  const deadline = Date.now() + GRACE_MS;
  while (left.some(isAlive) && Date.now() < deadline) {
    await sleep(50);
  }
  left.filter(isAlive).forEach(({ pid }) => {
    signalGroup(pid, 'SIGKILL');
  });
  return left.map(({ name }) => name);
}
