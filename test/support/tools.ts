import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirOf, toolDir } from '../../src/local/toolchain/cache';
import { GO_TOOLS, toolOf, type BinaryName } from '../../src/local/toolchain/catalogue';
import { systemRunc } from '../../src/local/toolchain/runc';
import { testServerScript } from '../../src/local/toolchain/test-server';

/** A tool of the stack, from the cache that `npm test` fills, or by its name on PATH. */
export function toolPath(name: BinaryName): string {
  const cacheDir = cacheDirOf(process.env);
  if (name === 'runc') {
    return systemRunc(process.env) ?? name;
  }
  if (name === 'temporal-test-server') {
    return testServerScript(cacheDir);
  }
  const cached = GO_TOOLS.filter((tool) => name in toolOf(tool).binaries)
    .map((tool) => join(toolDir(cacheDir, tool, toolOf(tool).version), name))
    .find(existsSync);
  return cached ?? name;
}
