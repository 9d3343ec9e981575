import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { alone } from './exclusive.mjs';
import { Missing, say, withProgress } from './report.mjs';
import { runQuietly } from './run.mjs';

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** True when npm itself has already installed what the lock asks for, whoever called it. */
function installedByHand(root, lockText) {
  const hidden = readIfThere(path.join(root, 'node_modules', '.package-lock.json'));
  if (hidden === '') {
    return false;
  }
  const installed = JSON.parse(hidden).packages;
  return Object.entries(JSON.parse(lockText).packages)
    .filter(([folder, entry]) => folder !== '' && !entry.optional && !entry.peer)
    .every(([folder, entry]) => installed[folder]?.version === entry.version);
}

async function npmCi(root) {
  // A Node that npm is about to delete must not be the one that runs its install scripts.
  const bin = path.join(root, 'node_modules', '.bin');
  const PATH = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => path.resolve(folder) !== bin)
    .join(path.delimiter);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await withProgress('npm packages', () =>
    runQuietly('npm', args, { cwd: root, env: { ...process.env, PATH } }),
  );
  if (code !== 0) {
    say(output);
    throw new Missing(
      `npm ci failed with exit code ${code}.`,
      'Check the network and the registry in ~/.npmrc, then run the command again.',
    );
  }
}

/** Installs the npm packages, unless node_modules already is what package-lock.json says. */
export async function installPackages(root) {
  const lockText = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lockText).digest('hex');
  const stamp = path.join(root, 'node_modules', '.plura-lock');
  const upToDate = () => readIfThere(stamp) === hash;
  if (upToDate()) {
    return;
  }
  await alone(
    stamp,
    () => say('Waiting for another npm ci in this folder.'),
    async () => {
      if (upToDate()) {
        return;
      }
      if (!installedByHand(root, lockText)) {
        await npmCi(root);
      }
      writeFileSync(stamp, hash);
    },
  );
}
