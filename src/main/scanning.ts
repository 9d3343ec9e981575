import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Deps } from '../../activities';
import { createOciRegistry } from '../adapters/oci/oci-registry';
import { fixedFolder } from '../adapters/trivy/folder';
import { openHeldDatabase } from '../adapters/trivy/held-database';
import { createMirroredFolder, type MirroredFolder } from '../adapters/trivy/mirrored-folder';
import type { TrivyOptions } from '../adapters/trivy/options';
import { createScanDatabases } from '../adapters/trivy/scan-databases';
import { createTrivyScanner } from '../adapters/trivy/scanner';
import type { DatabaseMirrorConfig } from '../config/database-mirror';
import type { WorkerConfig } from '../config/worker';
import type { Policy } from '../domain/policy';
import type { Registry } from '../ports/registry';
import type { DatabaseSource } from '../ports/scan-databases';
import type { Signer } from '../ports/signer';
import { readLogin } from './registry-login';

/** A database of hundreds of megabytes takes a while, and its source may be far. */
const SOURCE_TIMEOUT_MS = 60_000;
/** How long another worker's mirroring may go unnoticed. */
const REFRESH_MS = 30_000;
/** Enough to bring one; shorter than a release waits for its scan. */
const START_PATIENCE_MS = 60_000;

interface Parts {
  readonly registry: Registry;
  readonly signer: Signer;
  readonly policy: Policy;
}

async function createOptions(config: WorkerConfig): Promise<TrivyOptions> {
  const registry = new URL(config.registryUrl);
  return {
    trivy: config.trivy.binary,
    version: config.trivy.version,
    cacheDir: config.trivy.cacheDir,
    registryHost: registry.host,
    ...(await readLogin(config.scannerLogin)),
    insecure: registry.protocol === 'http:',
    timeoutMs: 300_000,
    canarySbom: await readFile(config.trivy.canarySbomFile),
    canaryId: config.trivy.canaryId,
  };
}

async function createSources({
  sources,
  login,
}: DatabaseMirrorConfig): Promise<readonly DatabaseSource[]> {
  const credentials = await readLogin(login);
  return sources.map(({ url, repository, reference, kind }) => {
    const registry = createOciRegistry({ url, timeoutMs: SOURCE_TIMEOUT_MS, ...credentials });
    const name = `${new URL(url).host}/${repository}:${reference}`;
    return { registry, kind, repository, reference, name };
  });
}

function createFolder(
  { trivy, databaseMirror }: WorkerConfig,
  { registry, signer, policy }: Parts,
  logger: Logger,
): MirroredFolder | null {
  if (!databaseMirror) return null;
  return createMirroredFolder({
    ...{ registry, signer, log: policy.signing.transparencyLog === 'required' },
    cacheDir: trivy.cacheDir,
    kinds: databaseMirror.sources.map(({ kind }) => kind),
    refreshMs: REFRESH_MS,
    maxAgeMs: policy.scan.databaseMaxAgeMs,
    patienceMs: START_PATIENCE_MS,
    onProblem: (err) => {
      logger.error({ err }, 'the newest database of the mirror is not used');
    },
  });
}

/** The scanner, and what it goes by: the mirror where there is one, else the folder that somebody else fills. */
export async function createScanning(
  config: WorkerConfig,
  parts: Parts,
  logger: Logger,
): Promise<Pick<Deps, 'databaseSources' | 'openAdvisoryDatabase' | 'scanDatabases' | 'scanner'>> {
  const options = await createOptions(config);
  const folder = createFolder(config, parts, logger);
  return {
    scanner: createTrivyScanner({ ...options, ...(folder && { folder }) }),
    scanDatabases: createScanDatabases(options, folder),
    openAdvisoryDatabase: () => openHeldDatabase(folder ?? fixedFolder(options.cacheDir)),
    databaseSources: config.databaseMirror ? await createSources(config.databaseMirror) : [],
  };
}
