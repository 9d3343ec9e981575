import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** How the names of downloads begin that are under way. */
export const WORK = '.work-';

/** A process that goes by a set says so with each scan, and looks for a newer one several times a day. */
const UNUSED_MS = 24 * 3_600_000;

const SET = /^[0-9a-f]{64}(?:-[0-9a-f]{64})*$/;

/** Says to other processes that a set is in use. Where it can't be said, scans go on. */
export async function touchSet(cacheDir: string, now: Date): Promise<void> {
  await utimes(cacheDir, now, now).catch(() => undefined);
}

/**
 * Removes what other processes left below `root`: sets that none has gone by for a day, and downloads that were broken off. Anything
 * else stays.
 *
 * @param kept names of the sets that this process goes by
 */
export async function sweepSets(root: string, kept: readonly string[], now: Date): Promise<void> {
  const names = await readdir(root);
  for (const name of names) {
    if (kept.includes(name) || !(SET.test(name) || name.startsWith(WORK))) continue;
    const path = join(root, name);
    const at = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (now.getTime() - at > UNUSED_MS) await rm(path, { recursive: true, force: true });
  }
}
