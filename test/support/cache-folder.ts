import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's cache of the product, where tools.ts finds the tools: layers of bases are kept there, too. */
export function cacheFolder(): string {
  const home = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(process.env['PLURA_CACHE_DIR'] ?? home, 'plura-reg');
}
