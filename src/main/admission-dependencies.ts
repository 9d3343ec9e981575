import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { createOciRegistry } from '../adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../adapters/postgres/ledger';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../adapters/postgres/registry-stores';
import { createSigstoreSigner } from '../adapters/sigstore/sigstore-signer';
import { openAuditFile } from '../admission/break-glass/audit-file';
import { createAuditTrail, type AuditTrail } from '../admission/break-glass/audit-trail';
import { createBreakGlass } from '../admission/break-glass/break-glass';
import { createHourlyLimit } from '../admission/break-glass/hourly-limit';
import { createAllowSource } from '../admission/images/allow-source';
import { createAnswerCache } from '../admission/cache/answer-cache';
import type { AdmissionDependencies } from '../admission/dependencies';
import { shareManifests } from '../admission/images/shared-manifests';
import { createAdmissionMetrics } from '../admission/metrics';
import { createStanding, type StandingSource } from '../admission/state/standing';
import { createImageVerifier } from '../admission/verify/image-verifier';
import { createKeySet } from '../admission/verify/key-set';
import { loadAdmissionSettings, type AdmissionConfig } from '../config/admission';
import { loadCatalog, loadPolicy } from '../config/policy-file';
import { allowListOf } from '../domain/admission/allow-policy';
import type { RegistryPolicy } from '../domain/policy';
import type { Registry } from '../ports/registry';
import { KEY_IDS, type KeyManagement } from '../ports/signer';
import { joinGuardrails } from './admission-guardrails';
import { createKeyManagement } from './key-management';
import { readLogin } from './registry-login';

interface Adapters {
  readonly ledger: PostgresLedger;
  readonly stores: PostgresRegistryStores;
  readonly kms: KeyManagement;
  readonly registry: Registry;
}

/** @param timeoutMs what hangs is given up before the review has to be answered, so that it can be told which part it was */
async function connect(config: AdmissionConfig, timeoutMs: number, log: Logger): Promise<Adapters> {
  const database = {
    connectionString: config.databaseUrl,
    timeouts: { connectMs: timeoutMs, statementMs: timeoutMs },
    onConnectionLost: (error: Error): void => {
      log.warn({ error: error.message }, 'a connection to Postgres was lost');
    },
  };
  return {
    ledger: createPostgresLedger(database),
    stores: createPostgresRegistryStores(database),
    kms: await createKeyManagement(config.kms),
    registry: shareManifests(
      createOciRegistry({
        url: config.registryUrl,
        ...(await readLogin(config.registryLogin)),
        timeoutMs,
      }),
    ),
  };
}

function standingSource(
  { stores: { state, allowList } }: Adapters,
  { spreadToParents: parents, spreadToChildren: children }: RegistryPolicy['quarantine'],
): StandingSource {
  return {
    read: async () => {
      const [blocks, allowRevision] = await Promise.all([
        state.readBlocks({ parents, children }),
        allowList.revision(),
      ]);
      return { blocks, allowRevision };
    },
    watch: (onChange, signal) => {
      state.watch(onChange, signal);
      allowList.watch(onChange, signal);
    },
  };
}

export interface AdmissionJoined {
  readonly deps: AdmissionDependencies;
  readonly audit: AuditTrail;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Joins the real adapters to what the webhook needs. */
export async function joinAdmission(
  config: AdmissionConfig,
  log: Logger,
): Promise<AdmissionJoined> {
  const settings = loadAdmissionSettings(config.settingsFile);
  const { policy, hash } = loadPolicy(config.policyFile);
  const services = loadCatalog(config.catalogFile);
  const { dependencyMs, breakGlass, cache } = settings;
  const adapters = await connect(config, dependencyMs, log);
  const { ledger, stores, kms, registry } = adapters;
  const signer = createSigstoreSigner({ kms, trustedRootFile: config.trustedRootFile });
  const file = await openAuditFile(config.auditFile);
  const audit = await createAuditTrail({ ledger, file, ledgerMs: dependencyMs / 2, log });
  const standing = createStanding({
    source: standingSource(adapters, policy.registry.quarantine),
    log,
  });
  const now = (): Date => new Date();
  const onBug = (err: unknown): void => {
    log.error({ err }, 'a check of an image failed');
  };
  const regions = [...new Set(services.map(({ region }) => region))].sort();
  const limit = createHourlyLimit(breakGlass.perHour, () => performance.now());
  const keyIds = [...regions.map(KEY_IDS.release), KEY_IDS.bases];
  const keys = createKeySet({ kms, keyIds });
  const verifying = { registry, signer, ledger, keys, services, policy, settings, now, onBug };
  return {
    deps: {
      workloads: await joinGuardrails(config, { registry, settings, now }),
      allow: createAllowSource({ list: stores.allowList, policy: allowListOf(policy), now }),
      verifier: createImageVerifier(verifying),
      registry,
      standing,
      keys,
      allowCache: createAnswerCache({ ...cache, now }),
      verificationCache: createAnswerCache({ ...cache, now }),
      breakGlass: createBreakGlass({ settings: breakGlass, limit, audit, now }),
      settings,
      policyHash: createHash('sha256')
        .update(`${hash}\n${JSON.stringify(settings)}`)
        .digest('hex'),
      metrics: createAdmissionMetrics(),
      log,
      now,
    },
    audit,
    close: async () => {
      await standing.close();
      await Promise.all([ledger.close(), stores.close(), file.close()]);
    },
  };
}
