// Runs every Jest project, the quick ones first, and ends with one line: N passed, N failed.
// Usage: npm test [-- jest arguments]; runs on Node 24 (scripts/bootstrap.mjs).
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { runInFront } from './steps/run.mjs';

const root = path.resolve(import.meta.dirname, '..');
const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const folder = mkdtempSync(path.join(tmpdir(), 'plura-test-'));

const EXIT_SECONDS = 60;

// A file at a time for each core; two where there is one, since half of the time they wait for servers of their own.
const SIDE_BY_SIDE = `--maxWorkers=${Math.max(2, availableParallelism())}`;

const IN_BAND = '--runInBand';

// The lanes of a round run side by side.
const ROUNDS = [
  [{ projects: ['unit', 'replay'], flags: [SIDE_BY_SIDE] }],
  [{ projects: ['workflow'], flags: [SIDE_BY_SIDE] }],
  // Both wait for servers, windows and what was killed to come back; one file of each at a time keeps within two cores.
  [
    { projects: ['integration'], flags: [IN_BAND] },
    { projects: ['e2e'], flags: [IN_BAND] },
  ],
  [{ projects: ['canary'], flags: [IN_BAND] }],
];

/** Jest waits for ever for what a test has left open; that is a failure, not a reason to hang. */
function endWhenStuck(child, file) {
  let seen = 0;
  const timer = setInterval(() => {
    seen += existsSync(file) ? 1 : 0;
    if (seen > EXIT_SECONDS) {
      console.error(
        `Jest did not exit ${EXIT_SECONDS} s after its last test: something is left open.`,
      );
      child.kill('SIGKILL');
    }
  }, 1000);
  child.once('exit', () => clearInterval(timer));
}

async function runLane({ projects, flags }, given) {
  const file = path.join(folder, `${projects.join('-')}.json`);
  const reporters = [
    '--reporters=default',
    `--reporters=${path.join(root, 'scripts/jest-counts.cjs')}`,
  ];
  const args = [jest, '--selectProjects', ...projects, ...reporters, '--passWithNoTests', ...flags];
  const env = { ...process.env, PLURA_TEST_COUNTS: file };
  const onStart = (child) => endWhenStuck(child, file);
  const options = { cwd: root, env, onStart };
  const code = await runInFront(process.execPath, [...args, ...given], options);
  const counts = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  // Jest can fail without a failed test, for instance when a global set-up throws.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function main(given) {
  const tools = [path.join(root, 'dist/src/main/stack.js'), 'tools', '--all'];
  if ((await runInFront(process.execPath, tools, { cwd: root })) !== 0) {
    console.log('0 passed, 1 failed');
    return 1;
  }
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const round of ROUNDS) {
    for (const counts of await Promise.all(round.map((lane) => runLane(lane, given)))) {
      Object.keys(total).forEach((key) => (total[key] += counts[key]));
    }
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
