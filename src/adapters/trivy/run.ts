import { execFile } from 'node:child_process';
import { ReleaseError } from '../../contract/errors';
import type { TrivyOptions } from './options';

const MAX_OUTPUT = 256 * 1024 * 1024;
const MAX_REASON = 500;

export function scannerUnavailable(reason: string, cause?: unknown): ReleaseError {
  return new ReleaseError('SCANNER_UNAVAILABLE', `The scanner could not be used: ${reason}`, {
    cause,
    details: {
      remedy: 'check that trivy, its database and the registry are there and can be reached',
    },
  });
}

/** The FATAL line, which says why; trivy's log goes to stderr. */
function reasonOf(stderr: string, timeoutMs: number, killed: boolean): string {
  if (killed) {
    return `it did not end within ${Math.round(timeoutMs / 1000)} s`;
  }
  const lines = stderr.trim().split('\n');
  const fatal = lines.find((line) => line.includes('FATAL')) ?? lines.at(-1) ?? '';
  return (fatal.split('\t').slice(2).join(' ') || fatal || 'no reason given').slice(0, MAX_REASON);
}

/**
 * Runs trivy and returns what it printed. The memory backend keeps parallel scans off the one cache lock.
 *
 * @throws ReleaseError SCANNER_UNAVAILABLE; the signal's reason when aborted
 */
export async function runTrivy(
  command: readonly string[],
  options: TrivyOptions,
  signal?: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  signal?.throwIfAborted();
  const args = [
    ...command,
    '--cache-dir',
    options.cacheDir,
    '--cache-backend=memory',
    '--skip-db-update',
    '--skip-java-db-update',
    '--offline-scan',
    '--skip-version-check',
    '--disable-telemetry',
    '--no-progress',
    '--config=/dev/null',
    '--ignorefile=/dev/null',
  ];
  return new Promise((resolve, reject) => {
    execFile(
      options.trivy,
      args,
      {
        encoding: 'buffer',
        env: { HOME: options.cacheDir, ...env, ...options.env },
        maxBuffer: MAX_OUTPUT,
        timeout: options.timeoutMs,
        ...(signal ? { signal } : {}),
      },
      (error, stdout, stderr) => {
        if (!error) {
          resolve(stdout);
        } else if (signal?.aborted) {
          reject(signal.reason as Error);
        } else {
          const reason = reasonOf(
            stderr.toString('utf8'),
            options.timeoutMs,
            error.killed ?? false,
          );
          reject(scannerUnavailable(reason, error));
        }
      },
    );
  });
}
