import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startChild, type Child } from '../../src/local/process/child';
import { freePorts } from '../../src/local/process/ports';
import { httpProbe, waitReady } from '../../src/local/process/readiness';
import type { BenchStack } from './bench-stack';

/** The real Prometheus, scraping one port. */
export async function startFleetPrometheus(
  { stack, stateDir }: BenchStack,
  targetPort: number,
  scrapeIntervalMs: number,
): Promise<{ readonly url: string; readonly child: Child }> {
  const folder = path.join(stateDir, 'fleet-prometheus');
  await mkdir(folder);
  const [port = 0] = await freePorts(1);
  const file = path.join(folder, 'prometheus.yml');
  const interval = `${scrapeIntervalMs}ms`;
  const target = { job_name: 'fleet', static_configs: [{ targets: [`127.0.0.1:${targetPort}`] }] };
  const global = { scrape_interval: interval, scrape_timeout: interval };
  await writeFile(file, JSON.stringify({ global, scrape_configs: [target] }));
  const child = await startChild(
    {
      command: await stack.toolchain.path('prometheus'),
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${path.join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      env: {},
    },
    path.join(stateDir, 'logs', 'fleet-prometheus.log'),
  );
  const url = `http://127.0.0.1:${port}`;
  await waitReady('prometheus', child, httpProbe(`${url}/-/ready`), 30_000);
  return { url, child };
}
