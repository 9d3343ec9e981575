// Builds dist/: JavaScript by tsc, the files that are not TypeScript, and the workflow bundle.
// Types are the matter of `npm run check`; here tsc only translates, which takes a tenth of the time.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { filesUnder, SOURCES } from './steps/fingerprint.mjs';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const require = createRequire(import.meta.url);

function translate(project) {
  const tsc = require.resolve('typescript/bin/tsc');
  const args = [tsc, '-p', project, '--noCheck'];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    throw new Error(`tsc failed with exit code ${status}`);
  }
}

/** A module whose source is gone must not live on in dist/. */
function prune() {
  for (const file of SOURCES.flatMap((folder) => filesUnder(dist, folder))) {
    const source = file.replace(/\.js(\.map)?$/, '.ts');
    if (!existsSync(path.join(root, source)) && !existsSync(path.join(root, file))) {
      rmSync(path.join(dist, file));
    }
  }
}

function copyAssets() {
  for (const file of filesUnder(root, 'src').filter((name) => !name.endsWith('.ts'))) {
    mkdirSync(path.dirname(path.join(dist, file)), { recursive: true });
    copyFileSync(path.join(root, file), path.join(dist, file));
  }
}

export async function bundleWorkflows() {
  const { bundleWorkflowCode } = require('@temporalio/worker');
  const quiet = { trace() {}, debug() {}, info() {}, warn() {}, log() {}, error: console.error };
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(root, 'workflows', 'index.ts'),
    logger: quiet,
  });
  mkdirSync(dist, { recursive: true });
  writeFileSync(path.join(dist, 'workflow-bundle.js'), code);
}

const mode = process.argv[2] ?? 'all';
if (mode === 'bundle') {
  await bundleWorkflows();
} else {
  prune();
  translate(mode === 'bench' ? 'tsconfig.bench.json' : 'tsconfig.json');
  copyAssets();
  await bundleWorkflows();
}
