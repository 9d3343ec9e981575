import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Absolute path of a file of this package, from sources and from `dist/` alike. */
export function packageFile(path: string): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return join(folder, path);
}
