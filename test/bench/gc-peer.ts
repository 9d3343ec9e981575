import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** distribution's own clean-up over `storageDir`, without a delete; seconds, process start included. */
export async function timePeer(
  registry: string,
  folder: string,
  storageDir: string,
  signal: AbortSignal,
): Promise<number> {
  const config = path.join(folder, 'peer.yml');
  await writeFile(
    config,
    `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${storageDir} }, delete: { enabled: true } }
`,
  );
  const startedAt = performance.now();
  await promisify(execFile)(
    registry,
    ['garbage-collect', '--dry-run', '--delete-untagged', '--quiet', config],
    {
      signal,
      maxBuffer: 256 * 1024 * 1024,
      env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
    },
  );
  return (performance.now() - startedAt) / 1000;
}
