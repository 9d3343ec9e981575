// The one way in: does what set-up is missing, then hands over to Node 24. Needs nothing installed
// but Node 20, Go and git. Usage: node scripts/bootstrap.mjs <what> [arguments]
import path from 'node:path';
import { buildDist, nodeOf } from './steps/build.mjs';
import { installPackages } from './steps/install.mjs';
import { checkPrerequisites } from './steps/prerequisites.mjs';
import { Missing, say } from './steps/report.mjs';
import { runInFront } from './steps/run.mjs';
import { compileStandardLibrary } from './steps/standard-library.mjs';

const root = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '..',
);

const TARGETS = {
  demo: ['dist/src/main/demo.js'],
  start: ['dist/src/main/stack.js', 'start'],
  reset: ['dist/src/main/stack.js', 'reset'],
  tools: ['dist/src/main/stack.js', 'tools'],
  plura: ['dist/src/main/cli.js'],
  test: ['scripts/test.mjs'],
  bench: ['dist/test/bench/run.js'],
  build: [],
};

async function main([what = '', ...args]) {
  if (!Object.hasOwn(TARGETS, what)) {
    throw new Missing(`"${what}" is not known.`, `Use one of: ${Object.keys(TARGETS).join(', ')}.`);
  }
  checkPrerequisites();
  const compiling = what === 'build' ? Promise.resolve() : compileStandardLibrary(root);
  await installPackages(root);
  await buildDist(root, what === 'bench' ? 'bench' : 'all');
  await compiling;
  const target = TARGETS[what];
  if (target.length === 0) {
    return 0;
  }
  const [script, ...rest] = target;
  const bin = path.join(root, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
  return runInFront(nodeOf(root), [path.join(root, script), ...rest, ...args], { env });
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    say(error instanceof Missing ? error.message : error.stack);
    process.exitCode = error instanceof Missing ? 2 : 1;
  },
);
