import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { GcWorkerInput } from './gc-worker-main';
import { captureOutput, stopProcess } from './registry-server';

/** A worker in a process of its own, to be killed. */
export interface GcWorker {
  kill(): Promise<void>;
}

export async function startGcWorker(input: GcWorkerInput): Promise<GcWorker> {
  const hook = join(__dirname, 'typescript-hook.cjs');
  const main = join(__dirname, 'gc-worker-main.ts');
  const child = spawn(process.execPath, ['--require', hook, main], {
    env: { ...process.env, GC_WORKER: JSON.stringify(input) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = captureOutput(child);
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', () => {
      if (log().includes('ready')) resolve();
    });
    void once(child, 'exit').then(() => {
      reject(new Error(`the worker ended: ${log()}`));
    });
  });
  await ready;
  return { kill: () => stopProcess(child) };
}
