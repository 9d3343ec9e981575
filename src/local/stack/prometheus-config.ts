import type { Ports } from './addresses';

/** Every second: a canary step of the demo lasts only seconds. */
export const SCRAPE_INTERVAL_MS = 1000;

/** prometheus.yml of the local stack, as JSON, which is YAML too. */
export function prometheusConfig(ports: Ports): string {
  const job = (name: string, port: number): unknown => ({
    job_name: name,
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
  });
  const interval = `${SCRAPE_INTERVAL_MS}ms`;
  return JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: [
      job('target', ports.target),
      job('gateway', ports.registry),
      job('admission', ports['admission-operations']),
      job('api', ports.api),
      job('worker-release', ports['worker-release']),
      job('worker-control', ports['worker-control']),
    ],
  });
}
