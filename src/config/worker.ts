import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import type { MetricDefinition } from '../domain/metric-source';
import { BackendUrl } from './backend-url';
import { readCollectorConfig, type CollectorConfig } from './collector';
import {
  databaseMirrorOf,
  DatabaseMirrorEnvironment,
  type DatabaseMirrorConfig,
} from './database-mirror';
import { ENVIRONMENT, readEnvironment } from './environment';
import { readKmsConfig, type KmsConfig } from './kms';
import { readMetricsConfig } from './metrics';
import { loginOf, type RegistryLogin } from './registry-login';
import { readRolloutConfig, type RolloutConfig } from './rollout';
import { readWormConfig, type WormConfig } from './worm';

const WorkerEnvironment = z.object({
  ...ENVIRONMENT,
  /** Robots with less rights than the worker's own: one pushes builds, one reads images to scan them. */
  PLURA_BUILDER_REGISTRY_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_BUILDER_REGISTRY_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  PLURA_SCANNER_REGISTRY_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_SCANNER_REGISTRY_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  /** The robot that deletes what a plan says, and may do nothing else; without it the worker's own. */
  PLURA_RETENTION_REGISTRY_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_RETENTION_REGISTRY_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  /** The robot that keeps bases; without it the worker's own. */
  PLURA_CUSTODIAN_REGISTRY_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_CUSTODIAN_REGISTRY_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  /** Folder with the keys and trusted roots that families of bases name. */
  PLURA_BASE_TRUST_DIR: z.string().min(1).optional(),
  /** The gpgv binary. */
  PLURA_GPGV: z.string().min(1).default('gpgv'),
  PLURA_BUILDKIT_ADDRESS: z.string().min(1),
  /** The registry behind the gateway, which hides what is quarantined; PLURA_REGISTRY_URL where there is no gateway. */
  PLURA_BACKEND_URL: BackendUrl.optional(),
  PLURA_BACKEND_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_BACKEND_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  /** How often the registry is compared with its record. */
  PLURA_RECONCILE_INTERVAL_MS: z.coerce.number().int().min(10_000).max(86_400_000).default(900_000),
  /** Requests to the registry that this makes. */
  PLURA_RECONCILE_REQUESTS_PER_SECOND: z.coerce.number().int().min(1).max(10_000).default(50),
  /** Tags and manifests that one run believes to be gone. */
  PLURA_RECONCILE_MAX_FORGOTTEN: z.coerce.number().int().min(1).max(2000).default(100),
  /** How often a clean-up of the registry is planned; default a week. */
  PLURA_GC_INTERVAL_MS: z.coerce.number().int().min(60_000).max(2_678_400_000).default(604_800_000),
  /** How often it is looked whether every service could be rolled back. */
  PLURA_PREFLIGHT_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(10_000)
    .max(86_400_000)
    .default(3_600_000),
  /** How often services that the catalogue marks are rolled back and forward; default a week. */
  PLURA_DRILL_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(60_000)
    .max(2_678_400_000)
    .default(604_800_000),
  /** Each goes back and forward again. */
  PLURA_DRILL_ROUNDS: z.coerce.number().int().min(1).max(50).default(5),
  /** How often what runs is checked again. */
  PLURA_CHECK_INTERVAL_MS: z.coerce.number().int().min(10_000).max(86_400_000).default(900_000),
  /** Between the two looks that have to agree. */
  PLURA_CHECK_CONFIRM_AFTER_MS: z.coerce.number().int().min(1000).max(600_000).default(30_000),
  /** File: the admission webhook's settings, by which what runs is checked too; without it those it ships with. */
  PLURA_ADMISSION: z.string().min(1).optional(),
  /** How often what is stored is counted; the last count of a day is kept. */
  PLURA_ACCOUNTING_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(10_000)
    .max(86_400_000)
    .default(3_600_000),
  /** How often what is released is matched with the scanner's advisories. */
  PLURA_ADVISORY_INTERVAL_MS: z.coerce.number().int().min(5_000).max(86_400_000).default(900_000),
  /** How often exceptions are looked at that have ended or soon will; what enforces them goes by the time. */
  PLURA_EXCEPTION_INTERVAL_MS: z.coerce.number().int().min(1_000).max(3_600_000).default(60_000),
  /** Lists by which the policy's scan.kev and scan.epss judge: CISA's JSON, and the CSV of FIRST, which may be gzipped. */
  PLURA_KEV_FILE: z.string().min(1).optional(),
  PLURA_EPSS_FILE: z.string().min(1).optional(),
  /** How often what is kept is looked through for what has to be scanned again. */
  PLURA_RESCAN_INTERVAL_MS: z.coerce.number().int().min(10_000).max(86_400_000).default(21_600_000),
  /** A verdict that is older is made again, also where the database stayed the same. */
  PLURA_RESCAN_MAX_AGE_MS: z.coerce.number().int().min(60_000).max(604_800_000).default(86_400_000),
  /** Scans at a time beside those of releases. */
  PLURA_RESCAN_PARALLEL: z.coerce.number().int().min(1).max(16).default(1),
  PLURA_POLICY: ENVIRONMENT.PLURA_POLICY,
  PLURA_CATALOG: ENVIRONMENT.PLURA_CATALOG,
  /** The buildctl binary. */
  PLURA_BUILDCTL: z.string().min(1).default('buildctl'),
  /** `runDetails.builder.id` of what this worker builds. */
  PLURA_BUILDER_ID: z.url().default('https://plura.dev/builders/buildkit'),
  /** The trivy binary. */
  PLURA_TRIVY: z.string().min(1).default('trivy'),
  /** Recorded as the scanner's version: a binary built with Go from the module proxy does not know its own. */
  PLURA_TRIVY_VERSION: z.string().min(1).max(50).default('0.74.0'),
  /** Folder with `db/trivy.db` and `db/metadata.json`. */
  PLURA_TRIVY_CACHE_DIR: z.string().min(1),
  /** File: a CycloneDX document that every sane database flags with PLURA_CANARY_ID. */
  PLURA_CANARY_SBOM: z
    .string()
    .min(1)
    .default(path.join(__dirname, '../local/advisories/canary.cdx.json')),
  PLURA_CANARY_ID: z.string().min(1).default('CVE-2021-44228'),
  ...DatabaseMirrorEnvironment,
  /** Folder with the files that scenarios read their secrets from. */
  PLURA_SCENARIO_SECRETS_DIR: z.string().min(1).optional(),
  PLURA_PROMETHEUS_URL: z.url({ protocol: /^https?$/ }),
  /** Where alerts go; without it they go to the log. */
  PLURA_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  PLURA_WEBHOOK_SECRET_FILE: z.string().min(1).optional(),
  /** Where Prometheus reads the worker's own metrics, on loopback; none without it. */
  PLURA_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  /** Parallel slow steps (builds, scans); each may take a core. */
  PLURA_MAX_ACTIVITIES: z.coerce.number().int().min(1).max(2000).default(40),
});

export interface WorkerConfig {
  readonly registryUrl: string;
  readonly registryLogin: RegistryLogin | null;
  readonly builderLogin: RegistryLogin | null;
  readonly scannerLogin: RegistryLogin | null;
  readonly retentionLogin: RegistryLogin | null;
  readonly custodianLogin: RegistryLogin | null;
  /** How vendors' signatures of bases are checked. */
  readonly baseTrust: { readonly folder: string | null; readonly gpgv: string };
  readonly collector: CollectorConfig;
  readonly backend: { readonly url: string; readonly login: RegistryLogin | null };
  readonly reconcile: {
    readonly intervalMs: number;
    readonly requestsPerSecond: number;
    readonly maxForgotten: number;
  };
  readonly rescan: {
    readonly intervalMs: number;
    readonly maxAgeMs: number;
    readonly parallel: number;
  };
  readonly advisoryIntervalMs: number;
  readonly accountingIntervalMs: number;
  readonly exceptionIntervalMs: number;
  /** Null: none is given. */
  readonly riskLists: { readonly kevFile: string | null; readonly epssFile: string | null };
  readonly gcIntervalMs: number;
  readonly preflightIntervalMs: number;
  readonly drill: { readonly intervalMs: number; readonly rounds: number };
  readonly check: {
    readonly intervalMs: number;
    readonly confirmAfterMs: number;
  };
  /** Null: the settings that the webhook ships with. */
  readonly admissionFile: string | null;
  readonly policyFile: string;
  readonly catalogFile: string;
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly rekorUrl: string;
  readonly trustedRootFile: string;
  readonly kms: KmsConfig;
  readonly sourceRoot: string;
  readonly basesFile: string;
  readonly buildkit: {
    readonly address: string;
    readonly buildctl: string;
    readonly builderId: string;
  };
  readonly trivy: {
    readonly binary: string;
    readonly version: string;
    readonly cacheDir: string;
    readonly canarySbomFile: string;
    readonly canaryId: string;
  };
  /** Null: databases are brought by somebody else. */
  readonly databaseMirror: DatabaseMirrorConfig | null;
  readonly scenarioSecretsDir: string | null;
  readonly prometheus: {
    readonly url: string;
    readonly scrapeIntervalMs: number;
    readonly definition: MetricDefinition;
  };
  readonly rollout: RolloutConfig;
  readonly webhook: { readonly url: string; readonly secretFile: string } | null;
  readonly metricsPort: number | null;
  readonly maxActivities: number;
  readonly logLevel: string;
  readonly worm: WormConfig | null;
}

type Environment = z.output<typeof WorkerEnvironment>;

function webhookOf(env: Environment): WorkerConfig['webhook'] {
  const { PLURA_WEBHOOK_URL: url, PLURA_WEBHOOK_SECRET_FILE: secretFile } = env;
  if (url === undefined) return null;
  if (secretFile !== undefined) return { url, secretFile };
  // Without it alerts would go to the log while somebody waits for them elsewhere.
  const field = 'PLURA_WEBHOOK_SECRET_FILE';
  throw new ReleaseError('INVALID_INPUT', `${field}: is needed with PLURA_WEBHOOK_URL`, {
    details: { field, remedy: 'name the file with the secret that signs alerts' },
  });
}

function backendOf(env: Environment): WorkerConfig['backend'] {
  const { PLURA_BACKEND_URL: url } = env;
  return url === undefined
    ? { url: env.PLURA_REGISTRY_URL, login: loginOf(env, 'PLURA_REGISTRY') }
    : { url, login: loginOf(env, 'PLURA_BACKEND') };
}

type Schedules = Pick<
  WorkerConfig,
  | 'advisoryIntervalMs'
  | 'accountingIntervalMs'
  | 'exceptionIntervalMs'
  | 'gcIntervalMs'
  | 'reconcile'
  | 'rescan'
  | 'preflightIntervalMs'
  | 'drill'
  | 'check'
>;

function schedulesOf(env: z.infer<typeof WorkerEnvironment>): Schedules {
  return {
    reconcile: {
      intervalMs: env.PLURA_RECONCILE_INTERVAL_MS,
      requestsPerSecond: env.PLURA_RECONCILE_REQUESTS_PER_SECOND,
      maxForgotten: env.PLURA_RECONCILE_MAX_FORGOTTEN,
    },
    rescan: {
      intervalMs: env.PLURA_RESCAN_INTERVAL_MS,
      maxAgeMs: env.PLURA_RESCAN_MAX_AGE_MS,
      parallel: env.PLURA_RESCAN_PARALLEL,
    },
    advisoryIntervalMs: env.PLURA_ADVISORY_INTERVAL_MS,
    accountingIntervalMs: env.PLURA_ACCOUNTING_INTERVAL_MS,
    exceptionIntervalMs: env.PLURA_EXCEPTION_INTERVAL_MS,
    gcIntervalMs: env.PLURA_GC_INTERVAL_MS,
    preflightIntervalMs: env.PLURA_PREFLIGHT_INTERVAL_MS,
    drill: { intervalMs: env.PLURA_DRILL_INTERVAL_MS, rounds: env.PLURA_DRILL_ROUNDS },
    check: {
      intervalMs: env.PLURA_CHECK_INTERVAL_MS,
      confirmAfterMs: env.PLURA_CHECK_CONFIRM_AFTER_MS,
    },
  };
}

function riskListsOf({
  PLURA_KEV_FILE: kev,
  PLURA_EPSS_FILE: epss,
}: Environment): WorkerConfig['riskLists'] {
  const file = (name: string | undefined): string | null =>
    name === undefined ? null : path.resolve(name);
  return { kevFile: file(kev), epssFile: file(epss) };
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readWorkerConfig(environment: NodeJS.ProcessEnv = process.env): WorkerConfig {
  const env = readEnvironment(WorkerEnvironment, environment);
  return {
    registryUrl: env.PLURA_REGISTRY_URL,
    registryLogin: loginOf(env, 'PLURA_REGISTRY'),
    builderLogin: loginOf(env, 'PLURA_BUILDER_REGISTRY'),
    scannerLogin: loginOf(env, 'PLURA_SCANNER_REGISTRY'),
    retentionLogin: loginOf(env, 'PLURA_RETENTION_REGISTRY') ?? loginOf(env, 'PLURA_REGISTRY'),
    custodianLogin: loginOf(env, 'PLURA_CUSTODIAN_REGISTRY') ?? loginOf(env, 'PLURA_REGISTRY'),
    baseTrust: {
      folder:
        env.PLURA_BASE_TRUST_DIR === undefined ? null : path.resolve(env.PLURA_BASE_TRUST_DIR),
      gpgv: env.PLURA_GPGV,
    },
    collector: readCollectorConfig(environment),
    backend: backendOf(env),
    ...schedulesOf(env),
    riskLists: riskListsOf(env),
    admissionFile: env.PLURA_ADMISSION === undefined ? null : path.resolve(env.PLURA_ADMISSION),
    policyFile: path.resolve(env.PLURA_POLICY),
    catalogFile: path.resolve(env.PLURA_CATALOG),
    databaseUrl: env.PLURA_DATABASE_URL,
    temporal: { address: env.PLURA_TEMPORAL_ADDRESS, namespace: env.PLURA_TEMPORAL_NAMESPACE },
    rekorUrl: env.PLURA_REKOR_URL,
    trustedRootFile: path.resolve(env.PLURA_TRUSTED_ROOT),
    kms: readKmsConfig(environment),
    sourceRoot: path.resolve(env.PLURA_SOURCE_ROOT),
    basesFile: path.resolve(env.PLURA_BASES),
    buildkit: {
      address: env.PLURA_BUILDKIT_ADDRESS,
      buildctl: env.PLURA_BUILDCTL,
      builderId: env.PLURA_BUILDER_ID,
    },
    trivy: {
      binary: env.PLURA_TRIVY,
      version: env.PLURA_TRIVY_VERSION,
      cacheDir: path.resolve(env.PLURA_TRIVY_CACHE_DIR),
      canarySbomFile: path.resolve(env.PLURA_CANARY_SBOM),
      canaryId: env.PLURA_CANARY_ID,
    },
    databaseMirror: databaseMirrorOf(env),
    scenarioSecretsDir:
      env.PLURA_SCENARIO_SECRETS_DIR === undefined
        ? null
        : path.resolve(env.PLURA_SCENARIO_SECRETS_DIR),
    prometheus: {
      url: env.PLURA_PROMETHEUS_URL,
      scrapeIntervalMs: env.PLURA_SCRAPE_INTERVAL_MS,
      definition: readMetricsConfig(environment),
    },
    rollout: readRolloutConfig(environment),
    webhook: webhookOf(env),
    worm: readWormConfig(environment),
    metricsPort: env.PLURA_PORT ?? null,
    maxActivities: env.PLURA_MAX_ACTIVITIES,
    logLevel: env.PLURA_LOG_LEVEL,
  };
}
