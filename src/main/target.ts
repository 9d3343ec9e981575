import { pino } from 'pino';
import { createOciRegistry } from '../adapters/oci/oci-registry';
import { readTargetConfig } from '../config/target';
import { createLocalRuntime, startTarget } from '../local/target/start-target';
import { loadToken } from '../local/target/token-file';
import { readLogin } from './registry-login';

async function main(): Promise<void> {
  const config = readTargetConfig();
  const log = pino({ name: 'plura-target', level: config.logLevel });
  // Root file systems keep the modes their images give them.
  process.umask(0o022);
  const token = await loadToken(config.tokenFile);
  const registry = createOciRegistry({
    url: config.registryUrl,
    ...(await readLogin(config.registryLogin)),
  });
  const runtime = createLocalRuntime({ ...config, registry, log });
  const target = await startTarget({ ...config, token, runtime, log });
  log.info({ url: target.url }, 'rollout target listens');

  const stop = (): void => {
    target.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(error, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`target: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
