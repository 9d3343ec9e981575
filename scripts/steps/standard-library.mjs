import { existsSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { runQuietly } from './run.mjs';

/** As src/local/toolchain/cache.ts has it. */
function toolsFolder({ PLURA_CACHE_DIR, XDG_CACHE_HOME, HOME }) {
  const cache = PLURA_CACHE_DIR ?? XDG_CACHE_HOME ?? path.join(HOME ?? homedir(), '.cache');
  return path.join(cache, 'plura-reg', 'tools');
}

/**
 * On a fresh machine the tools are compiled as soon as npm is done, which uses one core and the network. Go's standard library,
 * the same for all of them, is compiled meanwhile. What fails here fails again, with its reason, in the first build.
 */
export async function compileStandardLibrary(root) {
  if (existsSync(toolsFolder(process.env))) {
    return;
  }
  const file = path.join(root, 'src', 'local', 'toolchain', 'go-settings.json');
  const { environment, standardLibraryFlags } = JSON.parse(readFileSync(file, 'utf8'));
  const env = { ...process.env, ...environment };
  await runQuietly('go', ['build', ...standardLibraryFlags, 'std'], { cwd: tmpdir(), env });
}
