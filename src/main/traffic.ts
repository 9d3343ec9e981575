import { pino } from 'pino';
import { loadCatalog } from '../config/policy-file';
import { readTrafficConfig } from '../config/traffic';
import { loadToken } from '../local/target/token-file';
import { startTraffic } from '../local/traffic/traffic';

async function main(): Promise<void> {
  const config = readTrafficConfig();
  const log = pino({ name: 'plura-traffic', level: config.logLevel });
  const token = await loadToken(config.tokenFile);
  const services = config.catalogFile === undefined ? [] : loadCatalog(config.catalogFile);
  const traffic = startTraffic({ ...config, token, services, log });

  const stop = (): void => {
    traffic.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`traffic: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
