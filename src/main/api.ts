import { Client, Connection } from '@temporalio/client';
import { pino, type Logger } from 'pino';
import { createRruleCalendar } from '../adapters/calendar/rrule-calendar';
import { createRevocableKeys } from '../adapters/kms/revocable-keys';
import { createOciRegistry } from '../adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../adapters/postgres/ledger';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../adapters/postgres/registry-stores';
import { createSigstoreSigner } from '../adapters/sigstore/sigstore-signer';
import { buildApi } from '../api/app';
import type { ApiDependencies } from '../api/dependencies';
import { createKeySet, verifyingKeyIds } from '../admission/verify/key-set';
import { createSourceFolders } from '../api/checks/source-folders';
import { createJwtVerifier } from '../api/identity/jwt';
import { readApiConfig, type ApiConfig } from '../config/api';
import { loadCatalog, loadPolicy } from '../config/policy-file';
import { checkServicePlans } from '../config/service-plans';
import type { Policy } from '../domain/policy';
import type { Service } from '../domain/service';
import type { Orchestrator } from '../orchestrator/orchestrator';
import { createOrchestrator } from '../orchestrator/temporal-orchestrator';
import type { KeyRevocations } from '../ports/key-revocations';
import { createReadBases } from './read-bases';
import { joinExplainer } from './explain-admission';
import { createKeyManagement } from './key-management';
import { readLogin } from './registry-login';
import { createWormStore } from './worm-store';

const TEMPORAL_DEADLINE_MS = 10_000;
const ROLLBACK_DEADLINE_MS = 60_000;

/** What is stored, and what becomes of it. */
function pickStorage({
  gcPlans,
  ledgerFigures,
  reclaims,
  storageSamples,
  tombstones,
}: PostgresRegistryStores): Pick<
  ApiDependencies,
  'gcPlans' | 'ledgerFigures' | 'reclaims' | 'storageSamples' | 'tombstones'
> {
  return { gcPlans, ledgerFigures, reclaims, storageSamples, tombstones };
}

/** What is known of advisories, and of what they hit. */
function pickSafety({
  advisoryCases,
  advisoryMatches,
  componentIndex,
  checks,
  databaseMirrors,
  drills,
  exceptions,
  rollups,
}: PostgresRegistryStores): Pick<
  ApiDependencies,
  | 'advisoryCases'
  | 'advisoryMatches'
  | 'componentIndex'
  | 'checks'
  | 'databaseMirrors'
  | 'drills'
  | 'exceptions'
  | 'rollups'
> {
  return {
    ...{ advisoryCases, advisoryMatches, componentIndex, databaseMirrors, exceptions, rollups },
    ...{ checks, drills },
  };
}

async function main(): Promise<void> {
  const config = readApiConfig();
  const logger = pino({ name: 'plura-api', level: config.logLevel });
  const { policy, hash } = loadPolicy(config.policyFile);
  const now = (): Date => new Date();
  const { ledger, stores } = connectPostgres(config, logger);
  const { keyRevocations } = stores;
  const keyring = await joinKeys(config, keyRevocations, logger);
  const { signer } = keyring;
  const registry = createOciRegistry({
    url: config.registryUrl,
    ...(await readLogin(config.registryLogin)),
  });
  const catalog = loadServices(config, policy, logger);
  const evidence = {
    ...{ registry, signer, ledger, services: catalog, policy, now },
    keys: createKeySet({ keys: keyring.keys, keyIds: verifyingKeyIds(catalog) }),
  };
  const app = await buildApi({
    ledger,
    registry,
    inventory: stores.inventory,
    quarantine: stores.quarantine,
    gatewayState: stores.state,
    freezes: stores.freezes,
    allowList: stores.allowList,
    rescans: stores.rescans,
    ...pickSafety(stores),
    ...pickStorage(stores),
    ...joinExplainer(evidence, config.admissionFile, logger),
    freezeCalendar: createRruleCalendar(),
    robots: stores.robots,
    ...incidentsOf(config, stores),
    ...keyring,
    keyRevocations,
    orchestrator: connectTemporal(config),
    catalog,
    baseCatalogue: stores.baseCatalogue,
    readBases: createReadBases(stores.baseCatalogue, config.basesFile),
    policy,
    policyHash: hash,
    scrapeIntervalMs: config.scrapeIntervalMs,
    verifyToken: createJwtVerifier({
      issuer: config.issuer,
      audience: config.audience,
      keys: new URL(config.jwksUrl),
      now,
    }),
    sources: createSourceFolders(config.sourceRoot),
    webUi: { url: config.temporal.uiUrl, namespace: config.temporal.namespace },
    now,
    logger,
    rateLimitPerMinute: config.rateLimitPerMinute,
  });
  app.addHook('onClose', async () => {
    await Promise.all([ledger.close(), stores.close()]);
  });
  stopOnSignal(app, logger);
  await app.listen({ host: config.host, port: config.port });
}

function incidentsOf(
  { worm }: ApiConfig,
  { wormCopies, scanFindings }: PostgresRegistryStores,
): Pick<ApiDependencies, 'worm' | 'wormCopies' | 'scanFindings'> {
  return { worm: createWormStore(worm), wormCopies, scanFindings };
}

interface Stores {
  readonly ledger: PostgresLedger;
  readonly stores: PostgresRegistryStores;
}

function connectPostgres({ databaseUrl }: ApiConfig, logger: Logger): Stores {
  const postgres = {
    connectionString: databaseUrl,
    onConnectionLost: (error: Error): void => {
      logger.warn({ err: error }, 'a connection to the ledger was lost');
    },
  };
  return {
    ledger: createPostgresLedger(postgres),
    stores: createPostgresRegistryStores(postgres),
  };
}

async function joinKeys(
  { kms: config, trustedRootFile }: ApiConfig,
  keyRevocations: KeyRevocations,
  logger: Logger,
): Promise<Pick<ApiDependencies, 'kms' | 'keys' | 'signer'>> {
  const kms = await createKeyManagement(config, logger);
  const keys = createRevocableKeys({ keys: kms, revoked: () => keyRevocations.list() });
  return { kms, keys, signer: createSigstoreSigner({ kms, keys, trustedRootFile }) };
}

function connectTemporal({ temporal }: ApiConfig): Orchestrator {
  // Lazy: the API answers while Temporal is still starting, and finds it again after an outage.
  const connection = Connection.lazy({ address: temporal.address });
  return createOrchestrator({
    client: new Client({ connection, namespace: temporal.namespace }),
    deadlineMs: TEMPORAL_DEADLINE_MS,
    rollbackDeadlineMs: ROLLBACK_DEADLINE_MS,
  });
}

/** What likely isn't meant in their plans is logged; what can't work ends the start. */
function loadServices(
  { catalogFile, scrapeIntervalMs }: Pick<ApiConfig, 'catalogFile' | 'scrapeIntervalMs'>,
  policy: Policy,
  logger: Logger,
): readonly Service[] {
  const services = loadCatalog(catalogFile);
  for (const warning of checkServicePlans(catalogFile, services, { policy, scrapeIntervalMs })) {
    logger.warn(warning, 'the plan of a service');
  }
  return services;
}

/**
 * Answers what is under way, then ends. The Temporal connection is left to the process: closed while one of
 * its calls waits for a retry, it throws where nobody can catch.
 */
function stopOnSignal(
  app: { close: () => PromiseLike<unknown> },
  logger: { error: (error: unknown) => void },
): void {
  const stop = (): void => {
    app.close().then(
      () => process.exit(),
      (error: unknown) => {
        logger.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`api: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
