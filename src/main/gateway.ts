import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { destination, pino, type Logger } from 'pino';
import { createPostgresRegistryStores } from '../adapters/postgres/registry-stores';
import { readGatewayConfig, type GatewayConfig } from '../config/gateway';
import { loadPolicy } from '../config/policy-file';
import { failureReason } from '../contract/error-reason';
import { ReleaseError } from '../contract/errors';
import { exceptionsOf } from '../domain/exceptions/policy';
import { createGateway } from '../gateway/app';
import { createBackend } from '../gateway/backend/undici-backend';
import type { GatewayDependencies } from '../gateway/dependencies';
import { createFolderEvidence } from '../gateway/evidence/folder-evidence';
import { createGatewayMetrics } from '../gateway/metrics';
import { createStateCache } from '../gateway/state/state-cache';
import { openBlobStorage } from '../gateway/storage/blob-storage';
import { KEY_IDS } from '../ports/signer';
import { createKeyManagement } from './key-management';
import { readLogin } from './registry-login';

/** Keeps this use of the key apart from any other that may come. */
const TOKEN_KEY_INPUT = Buffer.from('plura-reg registry tokens v1');
/** How long a start waits to be of use; without Postgres it listens all the same and answers 503. */
const FIRST_READ_MS = 3_000;
/** The access log goes out in blocks: a write a line would cost more than a small answer. */
const LOG = {
  sync: false,
  minLength: 4096,
  maxLength: 8 * 1024 * 1024,
  periodicFlush: 250,
} as const;
/** Below what orchestrators wait before they kill (30 s). */
const STOP_GRACE_MS = 25_000;

const MIN_SECRET = 16;

async function readSecret(file: string | null): Promise<{ readonly notificationSecret?: string }> {
  if (file === null) return {};
  const unusable = (why: string, cause?: unknown): ReleaseError =>
    new ReleaseError('INVALID_INPUT', `The notification secret in ${file}: ${why}`, {
      cause,
      details: {
        field: file,
        remedy: 'write the secret that the registry sends with its notifications',
      },
    });
  let secret: string;
  try {
    secret = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw unusable(failureReason(cause), cause);
  }
  if (secret.length < MIN_SECRET) throw unusable(`it has fewer than ${MIN_SECRET} characters`);
  return { notificationSecret: secret };
}

type Storage = Pick<GatewayDependencies, 'storage' | 'folderEvidence'>;

async function openStorage(dir: string | null, log: Logger): Promise<Storage> {
  if (dir === null) return {};
  const storage = await openBlobStorage(dir);
  const onSlow = (tookMs: number): void => {
    log.warn(
      { tookMs },
      'reads of the registry folder take long: evidence is read beside other work for a minute',
    );
  };
  return { storage, folderEvidence: createFolderEvidence({ dir, onSlow }) };
}

async function startGateway(config: GatewayConfig): Promise<() => Promise<void>> {
  const output = destination(LOG);
  const log = pino({ name: 'plura-gateway', level: config.logLevel }, output);
  const { policy } = loadPolicy(config.policyFile);
  const kms = await createKeyManagement(config.kms, log);
  const stores = createPostgresRegistryStores({
    connectionString: config.databaseUrl,
    onConnectionLost: (error) => {
      log.warn({ err: error }, 'a connection to Postgres was lost');
    },
  });
  const backend = createBackend({
    url: config.backend.url,
    ...(await readLogin(config.backend.login)),
  });
  const { storageDir } = config.backend;
  const tokenKey = await kms.mac(KEY_IDS.registryToken, TOKEN_KEY_INPUT);
  const secret = await readSecret(config.notificationSecretFile);
  const cache = createStateCache({
    state: stores.state,
    policy: policy.registry,
    endedPulls: exceptionsOf(policy).endedPulls,
    log,
  });
  const gateway = createGateway({
    ...stores,
    holds: stores.allowList,
    backend,
    ...(await openStorage(storageDir, log)),
    cache,
    policy: policy.registry,
    requiredLabels: policy.build.requiredLabels,
    metrics: createGatewayMetrics(),
    log,
    now: () => new Date(),
    ...(config.publicUrl !== null && { publicUrl: config.publicUrl }),
    tokenKey,
    ...secret,
  });
  await Promise.race([cache.refresh().catch(() => undefined), sleep(FIRST_READ_MS)]);
  gateway.server.listen(config.port, config.host);
  await once(gateway.server, 'listening');
  log.info(
    { host: config.host, port: config.port, backend: config.backend.url },
    'the gateway listens',
  );
  return async () => {
    await gateway.close(STOP_GRACE_MS);
    await Promise.all([cache.close(), backend.close()]);
    await stores.close();
    log.info('the gateway has stopped');
    output.flushSync();
  };
}

async function main(): Promise<void> {
  const close = await startGateway(readGatewayConfig());
  const stop = (): void => {
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`gateway: could not stop cleanly: ${failureReason(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`gateway: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
