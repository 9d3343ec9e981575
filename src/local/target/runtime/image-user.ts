import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReleaseError } from '../../../contract/errors';
import { resolveDirectory } from '../image/safe-path';

export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
}

const NUMBER = /^\d{1,9}$/;
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * The numeric user of an image config's `User` (image-spec, config.md): `user`, `uid`, `user:group`, `uid:gid`.
 * Names are looked up in the image's own /etc, never in the host's. Throws ROLLOUT_FAILED for root or an unknown name.
 */
export async function resolveImageUser(rootfs: string, text: string): Promise<ProcessUser> {
  const [user = '', group] = text.split(':');
  const passwd = await readColonFile(rootfs, 'passwd');
  const row = passwd.find(([name, , uid]) => (NUMBER.test(user) ? uid === user : name === user));
  const uid = NUMBER.test(user) ? Number(user) : Number(row?.[2] ?? NaN);
  const gid = await resolveGroup(rootfs, group, row?.[3]);
  if (!Number.isInteger(uid) || !Number.isInteger(gid)) {
    return refuse(`user "${text}" is not in the image's /etc/passwd or /etc/group`);
  }
  if (uid === 0) {
    return refuse(
      text === '' ? 'the image names no user and would run as root' : 'it runs as root',
    );
  }
  return { uid, gid };
}

async function resolveGroup(
  rootfs: string,
  group: string | undefined,
  primary: string | undefined,
): Promise<number> {
  if (group === undefined || group === '') {
    return Number(primary ?? 0);
  }
  if (NUMBER.test(group)) {
    return Number(group);
  }
  const rows = await readColonFile(rootfs, 'group');
  return Number(rows.find(([name]) => name === group)?.[2] ?? NaN);
}

async function readColonFile(rootfs: string, name: string): Promise<readonly string[][]> {
  const folder = await resolveDirectory(rootfs, ['etc'], false);
  const path = folder === null ? null : join(folder, name);
  const stats = path === null ? null : await lstat(path).catch(() => null);
  // A link could lead to the host's file; no image needs one here.
  if (path === null || !stats?.isFile() || stats.size > MAX_FILE_BYTES) {
    return [];
  }
  const text = await readFile(path, 'utf8');
  return text.split('\n').map((line) => line.split(':'));
}

function refuse(reason: string): never {
  throw new ReleaseError('ROLLOUT_FAILED', `image can't be run: ${reason}`, {
    details: { remedy: 'Set USER to a numeric, unprivileged user in the Dockerfile.' },
  });
}
