import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE_LAYOUTS } from '../../domain/advisories/database-mirror';
import type { ProcessSpec } from '../process/child';
import { SetupError } from '../process/setup-error';
import { notificationSecretFile } from '../seed/keys';
import type { LocalRobotName } from '../seed/robots';
import { VENDOR_REPOSITORY } from '../seed/vendor-database';
import { admissionFiles } from './admission';
import { baseEnvironment, buildkitSocket, httpAt, type StackContext } from './context';
import { databaseUrl, isInitialised } from './postgres';
import { SCRAPE_INTERVAL_MS } from './prometheus-config';
import { robotSecretFile } from './robots';
import { keysDir, publicKeysDir, trustedRootFile } from './seed-step';
import { RELEASE_WORKER_ENVIRONMENT } from './worker-process';
import { registryConfigFile, registryStorageDir } from './servers';

/** Processes of ours: dist/src/main/{entry}.js. */
const ENTRIES = {
  gateway: ['gateway'],
  admission: ['admission'],
  issuer: ['issuer'],
  target: ['target'],
  api: ['api'],
  'worker-release': ['worker', 'release'],
  'worker-control': ['worker', 'control'],
  traffic: ['traffic'],
} as const;

/** The advisory that every database of ours knows (src/local/advisories/maven.yaml). */
const CANARY_ID = 'CVE-2021-44228';

/** The registry's own collector, on the storage of the stack's registry. */
function collectorEnvironment({ stateDir, pathNow }: StackContext): Record<string, string> {
  const command = [pathNow('registry'), 'garbage-collect', registryConfigFile(stateDir)];
  return {
    PLURA_COLLECTOR: 'command',
    PLURA_COLLECTOR_COMMAND: JSON.stringify(command),
    PLURA_COLLECTOR_STORAGE_DIR: registryStorageDir(stateDir),
  };
}

/** Where the release worker mirrors the database from. The custodian's robot, as the one that may write there. */
function mirrorEnvironment({ stateDir, ports }: StackContext): Readonly<Record<string, string>> {
  const { tag } = DATABASE_LAYOUTS.vulnerabilities;
  return {
    PLURA_DATABASE_MIRROR_SOURCE: `${httpAt(ports.registry)}/${VENDOR_REPOSITORY}:${tag}`,
    PLURA_DATABASE_MIRROR_USERNAME: 'custodian',
    PLURA_DATABASE_MIRROR_PASSWORD_FILE: robotSecretFile(stateDir, 'custodian'),
  };
}

export type NodePart = keyof typeof ENTRIES;

/** Settings that all our processes share; docs/configuration.md tells their meaning. */
export function stackEnvironment(context: StackContext): Record<string, string> {
  const { ports, stateDir, root, pathNow } = context;
  return {
    NODE_ENV: 'production',
    PLURA_STATE_DIR: stateDir,
    PLURA_LOG_LEVEL: 'info',
    PLURA_REGISTRY_URL: httpAt(ports.registry),
    ...(isInitialised(stateDir) ? { PLURA_DATABASE_URL: databaseUrl(context) } : {}),
    PLURA_TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    PLURA_TEMPORAL_NAMESPACE: 'default',
    PLURA_TEMPORAL_UI_URL: httpAt(ports['temporal-ui']),
    PLURA_BUILDKIT_ADDRESS: `unix://${buildkitSocket(stateDir)}`,
    PLURA_BUILDCTL: pathNow('buildctl'),
    PLURA_TRIVY: pathNow('trivy'),
    PLURA_TRIVY_CACHE_DIR: join(stateDir, 'trivy'),
    PLURA_CANARY_SBOM: join(root, 'src', 'local', 'advisories', 'canary.cdx.json'),
    PLURA_CANARY_ID: CANARY_ID,
    PLURA_RUNC: pathNow('runc'),
    PLURA_REKOR_URL: httpAt(ports.rekor),
    PLURA_TRUSTED_ROOT: trustedRootFile(stateDir),
    PLURA_KEYS_DIR: keysDir(stateDir),
    PLURA_PUBLIC_KEYS_DIR: publicKeysDir(stateDir),
    PLURA_PROMETHEUS_URL: httpAt(ports.prometheus),
    PLURA_SCRAPE_INTERVAL_MS: String(SCRAPE_INTERVAL_MS),
    PLURA_TARGET_URL: httpAt(ports.target),
    PLURA_TARGET_TOKEN_FILE: join(stateDir, 'target', 'token'),
    PLURA_POLICY: join(root, 'deploy', 'policy', 'default.yaml'),
    PLURA_CATALOG: join(root, 'src', 'local', 'services', 'catalog.yaml'),
    PLURA_SOURCE_ROOT: join(root, 'src', 'local', 'services'),
    PLURA_BASES: join(stateDir, 'bases.json'),
    PLURA_ISSUER_URL: httpAt(ports.issuer),
    PLURA_ISSUER_PORT: String(ports.issuer),
    PLURA_AUDIENCE: 'plura-reg',
  };
}

/**
 * What one part alone is given. Each has a robot of its own; the address behind the gateway is for the gateway, and for the
 * workers, which compare what is there with its record.
 */
function ownEnvironment(context: StackContext, part: NodePart): Readonly<Record<string, string>> {
  const { ports, stateDir } = context;
  const login = (prefix: string, robot: LocalRobotName): Readonly<Record<string, string>> => ({
    [`${prefix}_USERNAME`]: robot,
    [`${prefix}_PASSWORD_FILE`]: robotSecretFile(stateDir, robot),
  });
  const admission = admissionFiles(stateDir);
  // Whoever judges images does as the webhook does.
  const judging = { PLURA_ADMISSION: admission.settings };
  switch (part) {
    case 'gateway':
      return {
        PLURA_PORT: String(ports.registry),
        PLURA_BACKEND_URL: httpAt(ports['registry-backend']),
        PLURA_BACKEND_STORAGE_DIR: registryStorageDir(stateDir),
        PLURA_NOTIFICATION_SECRET_FILE: notificationSecretFile(stateDir),
      };
    case 'admission':
      return {
        ...judging,
        PLURA_PORT: String(ports.admission),
        PLURA_OPERATIONS_PORT: String(ports['admission-operations']),
        PLURA_ADMISSION_CERT: admission.certificate,
        PLURA_ADMISSION_KEY: admission.key,
        PLURA_ADMISSION_SELF_MADE_FOR: '127.0.0.1,localhost',
        PLURA_ADMISSION_AUDIT_FILE: admission.audit,
        ...login('PLURA_REGISTRY', 'admission'),
      };
    case 'api':
      return { ...judging, PLURA_PORT: String(ports.api), ...login('PLURA_REGISTRY', 'api') };
    case 'target':
      return { PLURA_PORT: String(ports.target), ...login('PLURA_REGISTRY', 'runtime') };
    case 'worker-release':
    case 'worker-control':
      return {
        ...judging,
        PLURA_PORT: String(ports[part]),
        PLURA_BACKEND_URL: httpAt(ports['registry-backend']),
        ...login('PLURA_REGISTRY', 'system'),
        ...login('PLURA_BUILDER_REGISTRY', 'builder'),
        ...login('PLURA_SCANNER_REGISTRY', 'scanner'),
        ...login('PLURA_RETENTION_REGISTRY', 'retention'),
        ...login('PLURA_CUSTODIAN_REGISTRY', 'custodian'),
        PLURA_BASE_TRUST_DIR: join(stateDir, 'base-trust'),
        ...collectorEnvironment(context),
      };
    case 'issuer':
    case 'traffic':
      return {};
  }
}

/** @throws SetupError when dist/ lacks it. */
export function prepareNodePart(context: StackContext, part: NodePart): ProcessSpec {
  const [entry, ...args] = ENTRIES[part];
  const script = join(context.root, 'dist', 'src', 'main', `${entry}.js`);
  if (!existsSync(script)) {
    throw new SetupError(`${part} is not built (${script}).`, 'Run `npm run build`.');
  }
  return {
    command: process.execPath,
    args: ['--enable-source-maps', script, ...args],
    cwd: context.root,
    // To a SIGTERM it goes on until an API server would have heard of it, which here is nobody's.
    ...(part === 'admission' && { stopSignal: 'SIGINT' }),
    // It stops its containers, hundreds with a fleet; what it leaves would run for ever.
    ...(part === 'target' && { graceMs: 120_000 }),
    env: {
      ...baseEnvironment(context),
      ...stackEnvironment(context),
      ...(part === 'worker-release' && RELEASE_WORKER_ENVIRONMENT),
      ...(part === 'worker-release' && context.mirrorsDatabase && mirrorEnvironment(context)),
      ...ownEnvironment(context, part),
      ...context.overrides,
    },
  };
}
