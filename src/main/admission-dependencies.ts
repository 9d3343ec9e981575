import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Logger } from 'pino';
import { createRevocableKeys } from '../adapters/kms/revocable-keys';
import { createReviewingRegistry } from '../adapters/oci/reviewing-registry';
import { createPostgresLedger, type PostgresLedger } from '../adapters/postgres/ledger';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../adapters/postgres/registry-stores';
import { createSigstoreVerifier } from '../adapters/sigstore/sigstore-verifier';
import { createThreadedVerifier } from '../adapters/sigstore/threaded-verifier';
import { openAuditFile } from '../admission/break-glass/audit-file';
import { createAuditTrail, type AuditTrail } from '../admission/break-glass/audit-trail';
import { createBreakGlass } from '../admission/break-glass/break-glass';
import { createHourlyLimit } from '../admission/break-glass/hourly-limit';
import { createAllowSource } from '../admission/images/allow-source';
import { createAnswerCache } from '../admission/cache/answer-cache';
import type { AdmissionDependencies } from '../admission/dependencies';
import { shareManifests } from '../admission/images/shared-manifests';
import { createAdmissionMetrics } from '../admission/metrics';
import { createDeniedReader } from '../admission/state/denied';
import { createStanding, type StandingSource } from '../admission/state/standing';
import { createImageVerifier } from '../admission/verify/image-verifier';
import { createKeySet, verifyingKeyIds } from '../admission/verify/key-set';
import { loadAdmissionSettings, type AdmissionConfig } from '../config/admission';
import { loadCatalog, loadPolicy } from '../config/policy-file';
import { allowListOf } from '../domain/admission/allow-policy';
import type { RevokedKey } from '../domain/key-revocations';
import type { RegistryPolicy } from '../domain/policy';
import { createEventQueue } from '../gateway/activity/event-queue';
import type { Registry } from '../ports/registry';
import { BUNDLE_ARTIFACT_TYPE, PREDICATE_TYPES, type KeyRings, type Signer } from '../ports/signer';
import { joinGuardrails } from './admission-guardrails';
import { createVerifierKeys } from './key-management';
import { readLogin } from './registry-login';

interface Adapters {
  readonly ledger: PostgresLedger;
  readonly stores: PostgresRegistryStores;
  readonly keys: KeyRings;
  readonly registry: Registry;
  readonly inReview: AdmissionDependencies['inReview'];
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
  const { registry, inReview } = createReviewingRegistry({
    url: config.registryUrl,
    ...(await readLogin(config.registryLogin)),
    timeoutMs,
    artifactType: BUNDLE_ARTIFACT_TYPE,
  });
  const stores = createPostgresRegistryStores(database);
  return {
    ledger: {
      ...createPostgresLedger(database),
      releaseFacts: (svc, digest) => stores.reviewFacts.releaseFacts(svc, digest),
    },
    stores,
    keys: await createVerifierKeys(config.keys, log),
    registry: shareManifests(registry),
    inReview,
  };
}

function standingSource(
  { stores: { state, allowList, keyRevocations } }: Adapters,
  { spreadToParents: parents, spreadToChildren: children }: RegistryPolicy['quarantine'],
): StandingSource {
  const readDenied = createDeniedReader(allowList);
  return {
    read: async () => {
      const [blocks, denials, revokedKeys] = await Promise.all([
        state.readBlocks({ parents, children }),
        readDenied(),
        keyRevocations.list(),
      ]);
      return { blocks, ...denials, revokedKeys };
    },
    watch: (onChange, signal) => {
      state.watch(onChange, signal);
      allowList.watch(onChange, signal);
      keyRevocations.watch(onChange, signal);
    },
  };
}

export interface AdmissionJoined {
  readonly deps: AdmissionDependencies;
  readonly audit: AuditTrail;
  /** Ends every connection. */
  close(): Promise<void>;
}

function createVerifier(keys: KeyRings, trustedRootFile: string): Pick<Signer, 'verify'> {
  return createThreadedVerifier({
    keys,
    here: createSigstoreVerifier({ keys, trustedRootFile }),
    thread: {
      entry: path.join(__dirname, `verify-thread${path.extname(__filename)}`),
      trustedRootFile,
    },
    readPredicates: [PREDICATE_TYPES.provenance],
  });
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
  const { ledger, stores, registry, inReview } = adapters;
  const file = await openAuditFile(config.auditFile, log);
  const audit = createAuditTrail({ ledger, file, ledgerMs: dependencyMs / 2, log });
  const metrics = createAdmissionMetrics();
  metrics.breakGlassOff.set(audit.off === null ? 0 : 1);
  const standing = createStanding({
    source: standingSource(adapters, policy.registry.quarantine),
    log,
  });
  // Read at each review; until it is fresh nothing is admitted.
  const revoked = (): Promise<readonly RevokedKey[]> =>
    Promise.resolve(standing.last()?.revokedKeys ?? []);
  const { trustedRootFile } = config;
  const rings = createRevocableKeys({ keys: adapters.keys, revoked, maxAgeMs: 0 });
  const signer = createVerifier(rings, trustedRootFile);
  const events = createEventQueue({ inventory: stores.inventory, log });
  const now = (): Date => new Date();
  const onBug = (err: unknown): void => {
    log.error({ err }, 'a check of an image failed');
  };
  const limit = createHourlyLimit(breakGlass.perHour, () => performance.now());
  const keys = createKeySet({ keys: rings, keyIds: verifyingKeyIds(services) });
  const verifying = { registry, signer, ledger, keys, services, policy, settings, now, onBug };
  return {
    deps: {
      workloads: await joinGuardrails(config, { registry, settings, now }),
      allow: createAllowSource({ list: stores.reviewFacts, policy: allowListOf(policy), now }),
      verifier: createImageVerifier(verifying),
      registry,
      inReview,
      standing,
      keys,
      allowCache: createAnswerCache({ ...cache, now }),
      verificationCache: createAnswerCache({ ...cache, now }),
      breakGlass: createBreakGlass({ settings: breakGlass, limit, audit, standing, now }),
      events,
      settings,
      policyHash: createHash('sha256')
        .update(`${hash}\n${JSON.stringify(settings)}`)
        .digest('hex'),
      metrics,
      log,
      now,
    },
    audit,
    close: async () => {
      await standing.close();
      await events.drain();
      await Promise.all([ledger.close(), stores.close(), file.close()]);
    },
  };
}
