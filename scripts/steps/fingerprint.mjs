import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export const SOURCES = ['src', 'workflows', 'activities'];
const SETTINGS = ['tsconfig.json', 'package-lock.json', 'scripts/build.mjs'];

/** Files under a folder, relative to root. */
export function filesUnder(root, folder) {
  const full = path.join(root, folder);
  if (!existsSync(full)) {
    return [];
  }
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
}

/** Changes whenever a source file is added, removed or written. */
export function fingerprint(root, folders = SOURCES) {
  const hash = createHash('sha256');
  const files = [...folders.flatMap((folder) => filesUnder(root, folder)), ...SETTINGS].sort();
  for (const file of files) {
    const { mtimeMs, size } = statSync(path.join(root, file));
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
}
