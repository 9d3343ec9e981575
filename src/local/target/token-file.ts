import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const MIN_LENGTH = 32;

/** The bearer token in `file`, made when there is none. Throws when others may read it, or it is too short. */
export async function loadToken(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // "wx" loses against whoever made it first, whose token is then read.
  await writeFile(file, `${randomBytes(32).toString('base64url')}\n`, {
    flag: 'wx',
    mode: 0o600,
  }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  });
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    throw new Error(`${file} may be read by others: chmod 600 it, or delete it for a new one`);
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (token.length < MIN_LENGTH) {
    throw new Error(`${file} holds no token of ${MIN_LENGTH} characters: delete it for a new one`);
  }
  return token;
}
