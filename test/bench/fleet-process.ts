import { fork } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RELEASE_WORKER_ENVIRONMENT } from '../../src/local/stack/worker-process';
import { FleetMessage, type FleetWorkerSettings } from './fleet-messages';

export interface FleetWorker {
  /** Most resident memory it ever had, MB. */
  peakRssMb(): number;
  /** What one calls to stop waiting: it ended by itself. */
  readonly ended: Promise<never>;
  stop(): Promise<void>;
}

const GRACE_MS = 25_000;

/** Starts the worker process and waits until it polls. */
export async function startFleetWorker(
  settings: FleetWorkerSettings,
  logFile: string,
  onServing: (message: Extract<FleetMessage, { kind: 'serving' }>) => void,
): Promise<FleetWorker> {
  const log = openSync(logFile, 'a');
  const child = fork(path.join(__dirname, 'fleet-worker.js'), {
    env: {
      NODE_ENV: 'production',
      FLEET_WORKER: JSON.stringify(settings),
      ...RELEASE_WORKER_ENVIRONMENT,
    },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const ended = exited.then(() => {
    throw new Error(`the worker ended: ${readFileSync(logFile, 'utf8').slice(-2000)}`);
  });
  ended.catch(() => undefined);
  const ready = new Promise<void>((resolve) => {
    child.on('message', (raw) => {
      const message = FleetMessage.parse(raw);
      if (message.kind === 'ready') resolve();
      else onServing(message);
    });
  });
  await Promise.race([ready, ended]);
  return {
    peakRssMb: () => {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
      // Peak resident set size (proc_pid_status(5)), so that no moment is missed between samples.
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
    },
    ended,
    stop: async () => {
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      if (child.exitCode === null) child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
    },
  };
}
