import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Deps } from '../../activities';
import { createBuildkitBuilder } from '../adapters/buildkit/builder';
import { createRruleCalendar } from '../adapters/calendar/rrule-calendar';
import { createThreadPlanner } from '../adapters/gc-planner/thread-planner';
import { compareSource, readAuthor, readCommitTime, readRevision } from '../adapters/git/folder';
import { createRevocableKeys } from '../adapters/kms/revocable-keys';
import { createOciContent } from '../adapters/oci/content';
import { createOciRegistry } from '../adapters/oci/oci-registry';
import { createOciRegistryCatalog } from '../adapters/oci/registry-catalog';
import { createPostgresLedger, type PostgresLedger } from '../adapters/postgres/ledger';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../adapters/postgres/registry-stores';
import { createRekorLog } from '../adapters/rekor/rekor-log';
import { createRekorWitness } from '../adapters/rekor/rekor-witness';
import { createRiskListFiles } from '../adapters/risk-lists/files';
import { createHttpScenarioRunner } from '../adapters/scenario/http-scenario-runner';
import { createSecretFolder } from '../adapters/scenario/secret-folder';
import { createSigstoreSigner } from '../adapters/sigstore/sigstore-signer';
import { createLogNotifier } from '../adapters/webhook/log';
import { createWebhookNotifier } from '../adapters/webhook/webhook';
import { createImageVerifier } from '../admission/verify/image-verifier';
import { createKeySet, verifyingKeyIds } from '../admission/verify/key-set';
import { loadAdmissionSettings } from '../config/admission';
import { loadCatalog, loadPolicy } from '../config/policy-file';
import type { WorkerConfig } from '../config/worker';
import { DEFAULT_VERIFY_SETTINGS, type VerifySettings } from '../domain/admission/settings';
import type { RevokedKey } from '../domain/key-revocations';
import type { Orchestrator } from '../orchestrator/orchestrator';
import { createOrchestrator } from '../orchestrator/temporal-orchestrator';
import type { Builder } from '../ports/builder';
import type { Notifier } from '../ports/notifier';
import type { KeyRings } from '../ports/signer';
import type { ScenarioRunner } from '../ports/scenarios';
import { createAdvising } from './advising';
import { joinBases } from './base-importing';
import { createReclaimer } from './collector';
import { createKeyManagement } from './key-management';
import { createMetricsSource } from './metrics-source';
import { readLogin } from './registry-login';
import { createRebuildLanes } from './rebuild-lanes';
import { createRollout } from './rollout-target';
import { createScanning } from './scanning';
import { createBaseImporter } from './rollup-bases';
import { createSystemLanes } from './system-lanes';
import { createWormStore } from './worm-store';

const CALL_TIMEOUT_MS = 10_000;
/** A drill measures rollbacks that take too long as well; the standard allows 5 minutes. */
const DRILL_ROLLBACK_MS = 600_000;
/** Shorter than the activity of the continuous check that waits for it. */
const CHECK_ROLLBACK_MS = 300_000;

async function createNotifier(config: WorkerConfig, logger: Logger): Promise<Notifier> {
  if (!config.webhook) return createLogNotifier(logger);
  const secret = (await readFile(config.webhook.secretFile, 'utf8')).trim();
  return createWebhookNotifier({ url: config.webhook.url, secret, timeoutMs: CALL_TIMEOUT_MS });
}

function createScenarios({ scenarioSecretsDir: dir }: WorkerConfig): ScenarioRunner {
  return createHttpScenarioRunner({
    stepTimeoutMs: CALL_TIMEOUT_MS,
    ...(dir !== null && { readSecret: createSecretFolder(dir) }),
  });
}

async function createBuilder(config: WorkerConfig): Promise<Builder> {
  const registry = new URL(config.registryUrl);
  return createBuildkitBuilder({
    ...config.buildkit,
    registryHost: registry.host,
    ...(await readLogin(config.builderLogin)),
    insecure: registry.protocol === 'http:',
    timeoutMs: 900_000,
  });
}

export interface WorkerDependencies {
  readonly deps: Deps;
  /** Of a scan, as admission asks for it. */
  readonly verdictMaxAgeMs: number;
  readonly ledger: PostgresLedger;
  readonly stores: PostgresRegistryStores;
}

/** What checks again what runs. It reads past the gateway, which hides what is quarantined. */
async function createChecking(
  config: WorkerConfig,
  settings: VerifySettings,
  { keys, ...parts }: Pick<Deps, 'ledger' | 'signer' | 'now'> & { readonly keys: KeyRings },
  client: Client,
  logger: Logger,
): Promise<
  Pick<
    Deps,
    | 'backend'
    | 'baseImports'
    | 'lanes'
    | 'policy'
    | 'rebuildLanes'
    | 'services'
    | 'systemLanes'
    | 'verifier'
  >
> {
  const backend = createOciRegistry({
    url: config.backend.url,
    ...(await readLogin(config.backend.login)),
  });
  const { policy } = loadPolicy(config.policyFile);
  const services = loadCatalog(config.catalogFile);
  const lanesFor = (rollbackDeadlineMs: number): Orchestrator =>
    createOrchestrator({ client, deadlineMs: CALL_TIMEOUT_MS, rollbackDeadlineMs });
  return {
    backend,
    services,
    policy,
    verifier: createImageVerifier({
      registry: backend,
      ...{ ...parts, services, policy },
      keys: createKeySet({ keys, keyIds: verifyingKeyIds(services) }),
      settings,
      onBug: (err) => {
        logger.error({ err }, 'a check of an image failed');
      },
    }),
    lanes: lanesFor(DRILL_ROLLBACK_MS),
    rebuildLanes: createRebuildLanes(lanesFor(CHECK_ROLLBACK_MS), policy),
    baseImports: createBaseImporter(lanesFor(CHECK_ROLLBACK_MS).baseImports, policy),
    systemLanes: createSystemLanes(lanesFor(CHECK_ROLLBACK_MS)),
  };
}

/** What plans are made and executed with, and disk is taken back. */
async function createCleaning(
  config: WorkerConfig,
  stores: PostgresRegistryStores,
): Promise<
  Pick<
    Deps,
    | 'gatewayState'
    | 'gcItemFacts'
    | 'gcPlanner'
    | 'gcPlans'
    | 'gcRoots'
    | 'reclaimer'
    | 'reclaims'
    | 'retention'
    | 'tombstones'
    | 'uploadLeases'
  >
> {
  const { gcItemFacts, gcPlans, gcRoots, reclaims, tombstones, state, uploads } = stores;
  return {
    ...{ gcItemFacts, gcPlans, gcRoots, reclaims, tombstones },
    gcPlanner: createThreadPlanner({
      entry: path.join(__dirname, `gc-thread${path.extname(__filename)}`),
      connection: config.databaseUrl,
    }),
    gatewayState: state,
    uploadLeases: uploads,
    reclaimer: await createReclaimer(config.collector),
    retention: createOciRegistry({
      url: config.registryUrl,
      ...(await readLogin(config.retentionLogin)),
    }),
  };
}

function connectPostgres(
  { databaseUrl }: WorkerConfig,
  logger: Logger,
): Pick<WorkerDependencies, 'ledger' | 'stores'> {
  const database = {
    connectionString: databaseUrl,
    onConnectionLost: (error: Error): void => {
      logger.warn({ error: error.message }, 'ledger connection lost');
    },
  };
  return {
    ledger: createPostgresLedger(database),
    stores: createPostgresRegistryStores(database),
  };
}

/** What is copied may be quarantined, so it is read past the gateway; what is put back is written through it. */
async function joinIncidentCopies(
  config: WorkerConfig,
  { wormCopies }: Pick<PostgresRegistryStores, 'wormCopies'>,
): Promise<Pick<Deps, 'content' | 'worm' | 'wormCopies'>> {
  const { backend, registryUrl, registryLogin } = config;
  const content = createOciContent({
    read: { url: backend.url, ...(await readLogin(backend.login)) },
    write: { url: registryUrl, ...(await readLogin(registryLogin)) },
  });
  return { content, worm: createWormStore(config.worm), wormCopies };
}

function settingsOf({ admissionFile }: WorkerConfig): VerifySettings {
  return admissionFile === null ? DEFAULT_VERIFY_SETTINGS : loadAdmissionSettings(admissionFile);
}

/** Joins the real adapters to the ports that the activities need. */
export async function createWorkerDependencies(
  config: WorkerConfig,
  client: Client,
  logger: Logger,
): Promise<WorkerDependencies> {
  const kms = await createKeyManagement(config.kms, logger);
  const { ledger, stores } = connectPostgres(config, logger);
  const revoked = (): Promise<readonly RevokedKey[]> => stores.keyRevocations.list();
  const keys = createRevocableKeys({ keys: kms, revoked });
  const signer = createSigstoreSigner({
    kms,
    keys,
    witness: createRekorWitness({ url: config.rekorUrl }),
    trustedRootFile: config.trustedRootFile,
  });
  const now = (): Date => new Date();
  const settings = settingsOf(config);
  const registry = createOciRegistry({
    url: config.registryUrl,
    ...(await readLogin(config.registryLogin)),
  });
  const { policy } = loadPolicy(config.policyFile);
  const deps: Deps = {
    ...(await createChecking(config, settings, { keys, ledger, signer, now }, client, logger)),
    builder: await createBuilder(config),
    registry,
    catalog: createOciRegistryCatalog({
      url: config.backend.url,
      ...(await readLogin(config.backend.login)),
      requestsPerSecond: config.reconcile.requestsPerSecond,
    }),
    ...(await createCleaning(config, stores)),
    // Activities name what they need of it as the stores do.
    ...stores,
    freezeCalendar: createRruleCalendar(),
    signer,
    kms,
    log: createRekorLog({ url: config.rekorUrl, signer }),
    riskLists: createRiskListFiles(config.riskLists),
    ...(await createScanning(config, { registry, signer, policy }, logger)),
    ...createAdvising(client, policy, stores.rollups),
    rollout: await createRollout(config.rollout, CALL_TIMEOUT_MS, logger),
    metrics: createMetricsSource(config, CALL_TIMEOUT_MS, logger),
    scrapeIntervalMs: config.prometheus.scrapeIntervalMs,
    scenarios: createScenarios(config),
    ledger,
    notifier: await createNotifier(config, logger),
    ...(await joinIncidentCopies(config, stores)),
    ...(await joinBases(config, stores)),
    sourceRoot: config.sourceRoot,
    registryHosts: [new URL(config.registryUrl).host],
    builderId: config.buildkit.builderId,
    readAuthor,
    readCommitTime,
    readRevision,
    compareSource,
    now,
  };
  return { deps, verdictMaxAgeMs: settings.verdictMaxAgeMs, ledger, stores };
}
