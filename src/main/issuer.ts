import { pino } from 'pino';
import { readIssuerConfig } from '../config/issuer';
import { createIssuer } from '../local/issuer/app';

async function main(): Promise<void> {
  const config = readIssuerConfig();
  const logger = pino({ name: 'plura-issuer', level: config.logLevel });
  const app = await createIssuer({ ...config, logger });
  const stop = (): void => {
    app.close().then(undefined, (error: unknown) => {
      logger.error(error);
      process.exitCode = 1;
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await app.listen({ host: config.host, port: config.port });
}

main().catch((error: unknown) => {
  process.stderr.write(`issuer: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
