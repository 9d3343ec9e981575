import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const FOLDERS = {
  registry: 'registry',
  buildkitd: 'buildkit',
  buildctl: 'buildkit',
  runc: 'runc',
  trivy: 'trivy',
  'rekor-server': 'rekor',
  temporal: 'temporal',
  prometheus: 'prometheus',
  cosign: 'cosign',
  crane: 'crane',
} as const;

export type ToolName = keyof typeof FOLDERS;

/** A tool of the stack, from the cache or, failing that, by its name on PATH. */
export function toolPath(name: ToolName): string {
  const cache = process.env['PLURA_CACHE_DIR'];
  const home = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache ?? home, 'plura-reg', 'tools', FOLDERS[name]);
  const versions = existsSync(folder) ? readdirSync(folder).sort() : [];
  const found = versions.map((version) => join(folder, version, name)).filter(existsSync);
  return found.at(-1) ?? name;
}
