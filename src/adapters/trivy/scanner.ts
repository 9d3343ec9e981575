import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerConfig } from '../../contract/docker-config';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { ScanReport, Scanner } from '../../ports/scanner';
import { createDatabaseReader } from './database';
import { fixedFolder, withFolder } from './folder';
import type { TrivyOptions } from './options';
import { toScanReport } from './report';
import { runTrivy, scannerUnavailable } from './run';
import { trivyReport } from './schema';

async function scanSbom(
  sbom: Buffer,
  options: TrivyOptions,
  signal?: AbortSignal,
): Promise<ScanReport> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-scan-'));
  try {
    const file = join(folder, 'sbom.json');
    await writeFile(file, sbom);
    const output = await runTrivy(
      ['sbom', file, '--format=json', '--scanners=vuln'],
      options,
      signal,
    );
    return toScanReport(
      trivyReport.parse(JSON.parse(output.toString('utf8'))),
      options.version ?? 'unknown',
    );
  } catch (cause) {
    throw cause instanceof Error && (cause.name === 'ZodError' || cause instanceof SyntaxError)
      ? scannerUnavailable('its report was not understood', cause)
      : cause;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readImage(
  image: ImageRef,
  options: TrivyOptions,
  signal?: AbortSignal,
): Promise<Buffer> {
  const { registryHost, credentials } = options;
  const reference = `${registryHost}/${imageReference(image)}`;
  const insecure = options.insecure ? ['--insecure'] : [];
  const command = ['image', reference, '--format=cyclonedx', '--image-src=remote', ...insecure];
  if (!credentials) {
    return runTrivy(command, options, signal);
  }
  const folder = await mkdtemp(join(tmpdir(), 'plura-trivy-'));
  try {
    // In a file: TRIVY_PASSWORD is a list, so a comma would cut a secret in two.
    const text = dockerConfig(registryHost, credentials);
    await writeFile(join(folder, 'config.json'), text, { flag: 'wx', mode: 0o600 });
    return await runTrivy(command, options, signal, { DOCKER_CONFIG: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether the canary is found, once for each database: trivy says nothing about an empty one. */
function createCanaryCheck(): (
  digest: string,
  options: TrivyOptions,
  signal?: AbortSignal,
) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (digest, options, signal) => {
    const before = known.get(digest);
    if (before !== undefined) {
      return before;
    }
    const found = await findsCanary(options, signal);
    known.clear();
    known.set(digest, found);
    return found;
  };
}

/** Whether the known-bad SBOM is flagged with what is in the folder of the options. */
export async function findsCanary(options: TrivyOptions, signal?: AbortSignal): Promise<boolean> {
  const { findings } = await scanSbom(options.canarySbom, options, signal);
  return findings.some((finding) => finding.id === options.canaryId);
}

/** A Scanner on Trivy, which reads the database it is given and never fetches one. */
export function createTrivyScanner(options: TrivyOptions): Scanner {
  const readDatabase = createDatabaseReader();
  const hasCanary = createCanaryCheck();
  const folder = options.folder ?? fixedFolder(options.cacheDir);
  const within = <T>(work: (here: TrivyOptions) => Promise<T>): Promise<T> =>
    withFolder(folder, (cacheDir) => work({ ...options, cacheDir }));
  return {
    generateSbom: (image, signal) => within((here) => readImage(image, here, signal)),
    scanSbom: (sbom, signal) => within((here) => scanSbom(sbom, here, signal)),
    describeDatabase: (signal) =>
      within(async (here) => {
        const files = await readDatabase(here.cacheDir);
        return { ...files, canaryFound: await hasCanary(files.digest, here, signal) };
      }),
  };
}
