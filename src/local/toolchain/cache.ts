import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `${PLURA_CACHE_DIR:-${XDG_CACHE_HOME:-~/.cache}}/plura-reg`: shared by all check-outs of a user. */
export function cacheDirOf(environment: Readonly<NodeJS.ProcessEnv>): string {
  const base =
    environment['PLURA_CACHE_DIR'] ??
    environment['XDG_CACHE_HOME'] ??
    join(environment['HOME'] ?? homedir(), '.cache');
  return join(base, 'plura-reg');
}

/** Where a tool of one version lives. A binary under its final name is complete. */
export function toolDir(cacheDir: string, tool: string, version: string): string {
  return join(cacheDir, 'tools', tool, version);
}

export function cachedBinaries(
  folder: string,
  names: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const files = names.map((name) => [name, join(folder, name)] as const);
  return files.every(([, file]) => existsSync(file)) ? Object.fromEntries(files) : undefined;
}
