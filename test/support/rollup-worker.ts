import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { captureOutput, stopProcess } from './registry-server';
import type { RollupWorkerInput } from './rollup-worker-main';

/** Both workers in a process of their own, to be killed. */
export interface RollupWorker {
  kill(): Promise<void>;
}

export async function startRollupWorker(input: RollupWorkerInput): Promise<RollupWorker> {
  const hook = join(__dirname, 'typescript-hook.cjs');
  const main = join(__dirname, 'rollup-worker-main.ts');
  const child = spawn(process.execPath, ['--require', hook, main], {
    env: { ...process.env, ROLLUP_WORKER: JSON.stringify(input) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = captureOutput(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', () => {
      if (log().includes('ready')) resolve();
    });
    void once(child, 'exit').then(() => {
      reject(new Error(`the worker ended: ${log()}`));
    });
  });
  return { kill: () => stopProcess(child) };
}
