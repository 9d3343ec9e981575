import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerConfig } from '../../contract/docker-config';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { ScanReport, Scanner } from '../../ports/scanner';
import { createDatabaseReader } from './database';
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
function createCanaryCheck(
  options: TrivyOptions,
): (digest: string, signal?: AbortSignal) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (digest, signal) => {
    const before = known.get(digest);
    if (before !== undefined) {
      return before;
    }
    const { findings } = await scanSbom(options.canarySbom, options, signal);
    const found = findings.some((finding) => finding.id === options.canaryId);
    known.clear();
    known.set(digest, found);
    return found;
  };
}

/** A Scanner on Trivy, which reads the database it is given and never fetches one. */
export function createTrivyScanner(options: TrivyOptions): Scanner {
  const readDatabase = createDatabaseReader(options.cacheDir);
  const findCanary = createCanaryCheck(options);
  return {
    generateSbom: (image, signal) => readImage(image, options, signal),
    scanSbom: (sbom, signal) => scanSbom(sbom, options, signal),
    describeDatabase: async (signal) => {
      const files = await readDatabase();
      return { ...files, canaryFound: await findCanary(files.digest, signal) };
    },
  };
}
