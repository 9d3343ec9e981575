import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ReleaseError } from '../../contract/errors';
import type { CollectorRun, Reclaimer } from '../../ports/reclaimer';
import { diskUsage } from './disk-usage';
import { runSupervised } from './run-supervised';

export interface CommandCollectorOptions {
  /**
   * What collects, as an argument vector: `registry garbage-collect CONFIG` where the storage is, or `docker compose run --rm …`.
   * Without --delete-untagged: which manifests go was planned.
   */
  readonly command: readonly string[];
  /** Ends what killing the command leaves behind, e.g. `docker rm --force NAME`. */
  readonly stop?: readonly string[];
  /** Where the registry keeps its bytes; absent: not measured. */
  readonly storageDir?: string;
}

/** As `registry garbage-collect` says it. */
const BLOB = /^blob eligible for deletion: /;
const STOP_TIMEOUT_MS = 60_000;

function failed(why: string, said: string): ReleaseError {
  const last = said.trim().split('\n').at(-1) ?? '';
  return new ReleaseError('COLLECTOR_FAILED', `The collector ${why}${last ? `: ${last}` : ''}`, {
    details: { remedy: 'what it had not deleted stays; the next reclaim takes it' },
  });
}

async function stopLeftOver(stop: readonly string[] | undefined): Promise<void> {
  const [file, ...args] = stop ?? [];
  if (file === undefined) return;
  try {
    await promisify(execFile)(file, args, { timeout: STOP_TIMEOUT_MS });
  } catch (error) {
    // There is mostly nothing to stop, which such commands call an error. Without an answer something may run.
    if (wasKilled(error)) throw failed('could not be stopped in time', '');
  }
}

function wasKilled(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'killed' in error && error.killed === true;
}

/** A collector that is a command, run where the registry's storage is. */
export function createCommandCollector(options: CommandCollectorOptions): Reclaimer {
  const { command, stop, storageDir } = options;
  const collect = async ({ deadlineMs, signal, note }: CollectorRun): Promise<number> => {
    let blobs = 0;
    await stopLeftOver(stop);
    const { code, said } = await runSupervised({
      command,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], OTEL_TRACES_EXPORTER: 'none' },
      deadlineMs,
      signal,
      onLine: (line) => {
        if (BLOB.test(line)) blobs += 1;
        note(line);
      },
    });
    if (code === 0) return blobs;
    await stopLeftOver(stop);
    signal.throwIfAborted();
    throw failed(code === null ? 'was killed' : `ended with ${code}`, said);
  };
  return {
    kind: 'offline',
    measure: (signal) =>
      storageDir === undefined ? Promise.resolve(null) : diskUsage(storageDir, signal),
    collect: async (run) => ({ blobs: await collect(run) }),
    stop: () => stopLeftOver(stop),
  };
}
