import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder with package-lock.json (dist/ has a package.json too), from dist/ as well as from src/. */
export function repositoryRoot(): string {
  let at = __dirname;
  while (!existsSync(join(at, 'package-lock.json'))) {
    at = dirname(at);
  }
  return at;
}
