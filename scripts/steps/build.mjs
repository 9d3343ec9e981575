import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { alone } from './exclusive.mjs';
import { fingerprint, SOURCES } from './fingerprint.mjs';
import { Missing, say, withProgress } from './report.mjs';
import { runQuietly } from './run.mjs';

const BENCH_SOURCES = [...SOURCES, 'test/bench', 'test/support'];

/** Node 24 from the npm package `node`: what we run on, whichever Node started us. */
export function nodeOf(root) {
  return path.join(root, 'node_modules', '.bin', 'node');
}

/** Builds dist/ unless no source has changed since. @param mode 'all', or 'bench' to add test/bench */
export async function buildDist(root, mode = 'all') {
  const stamp = path.join(root, 'dist', `.plura-build-${mode}`);
  const folders = mode === 'bench' ? BENCH_SOURCES : SOURCES;
  const upToDate = () =>
    existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root, folders);
  if (upToDate()) {
    return;
  }
  await alone(
    path.join(root, 'dist'),
    () => say('Waiting for another build in this folder.'),
    async () => {
      if (upToDate()) {
        return;
      }
      // Taken before the build: a file written during it makes the next run build again.
      const taken = fingerprint(root, folders);
      const { code, output } = await withProgress('building dist/', () =>
        runQuietly(nodeOf(root), ['scripts/build.mjs', mode], { cwd: root }),
      );
      if (code !== 0) {
        say(output);
        throw new Missing('The build of dist/ failed.', 'See the lines above, or `npm run check`.');
      }
      mkdirSync(path.dirname(stamp), { recursive: true });
      writeFileSync(stamp, taken);
    },
  );
}
