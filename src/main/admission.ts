import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createAdmission } from '../admission/admission';
import { readKeyPair } from '../admission/tls/key-pair';
import { ensureSelfMadePair } from '../admission/tls/self-made';
import { readAdmissionConfig, type AdmissionConfig } from '../config/admission';
import { failureReason } from '../contract/error-reason';
import { joinAdmission } from './admission-dependencies';

/** How long a start waits to be of use; without Postgres it listens all the same and says so in each denial. */
const FIRST_READ_MS = 3_000;
/** Until every API server has heard that this replica is gone. A person at a terminal (SIGINT) has none to wait for. */
const DRAIN_MS = 5_000;
const CARRY_OVER_EVERY_MS = 30_000;
const RENEW_EVERY_MS = 6 * 3_600_000;

async function startAdmission(
  config: AdmissionConfig,
): Promise<(drainMs: number) => Promise<void>> {
  const log = pino({ name: 'plura-admission', level: config.logLevel });
  const now = new Date();
  const { selfMadeFor } = config;
  if (selfMadeFor) await ensureSelfMadePair(config, selfMadeFor, now);
  const pair = await readKeyPair(config, now);
  const clientCa = config.clientCaFile && (await readFile(config.clientCaFile, 'utf8'));
  const joined = await joinAdmission(config, log);
  const { deps, audit } = joined;
  const admission = createAdmission({ deps, files: config, pair, clientCa, log });
  const carryOver = (): void => {
    audit.carryOver().catch((error: unknown) => {
      log.warn({ reason: failureReason(error) }, 'audit entries wait in the file');
    });
  };
  carryOver();
  // What it writes is taken into use as any other new pair is.
  const renew = (): void => {
    if (!selfMadeFor) return;
    ensureSelfMadePair(config, selfMadeFor, new Date()).catch((error: unknown) => {
      log.error({ reason: failureReason(error) }, 'the self-made certificate is not renewed');
    });
  };
  const timers = [setInterval(carryOver, CARRY_OVER_EVERY_MS), setInterval(renew, RENEW_EVERY_MS)];
  await Promise.race([deps.standing.fresh().catch(() => undefined), sleep(FIRST_READ_MS)]);
  await admission.operations.listen(config.operations);
  await admission.reviews.listen({ host: config.host, port: config.port });
  log.info({ host: config.host, port: config.port }, 'the admission webhook listens');
  return async (drainMs) => {
    timers.forEach(clearInterval);
    await admission.close(drainMs);
    await joined.close();
    log.info('the admission webhook has stopped');
  };
}

async function main(): Promise<void> {
  const close = await startAdmission(readAdmissionConfig());
  const stop = (drainMs: number) => (): void => {
    close(drainMs).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`admission: could not stop cleanly: ${failureReason(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop(0));
  process.once('SIGTERM', stop(DRAIN_MS));
}

main().catch((error: unknown) => {
  process.stderr.write(`admission: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
