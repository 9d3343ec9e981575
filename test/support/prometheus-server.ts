import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { captureOutput, freePort, stopProcess, waitForHttp } from './registry-server';
import { toolPath } from './tools';

export interface PrometheusServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The real Prometheus; it scrapes `targetUrl` each second, with these settings of the scrape. */
export async function startPrometheus(
  targetUrl: string,
  scrape: Readonly<Record<string, unknown>> = {},
): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-prometheus-'));
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        { job_name: 'router', static_configs: [{ targets: [new URL(targetUrl).host] }], ...scrape },
      ],
    }),
  );
  const child = spawn(
    toolPath('prometheus'),
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = captureOutput(child);
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitForHttp(`${url}/-/ready`, child, log);
    await waitForScrape(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** The first scrape comes some seconds after the start, when the target was discovered. */
async function waitForScrape(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`${url}/api/v1/query?query=up%3D%3D1`);
    if ((await answer.text()).includes('"value"')) {
      return;
    }
    await sleep(100);
  }
  throw new Error('Prometheus does not scrape the target');
}
