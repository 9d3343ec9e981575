import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { parseDigest, type Digest } from '../../src/domain/digest';
import { BUNDLE_ARTIFACT_TYPE } from '../../src/ports/signer';
import type { BenchStack } from './bench-stack';

/** What one release left outside. */
export interface ExternalWork {
  readonly repository: string;
  readonly digest: Digest;
  readonly counts: {
    readonly logEntries: number;
    readonly referrersOfIndex: number;
    readonly referrersOfImage: number;
    readonly referrersOfSbom: number;
    readonly channels: number;
  };
}

/** Entries in the log by its newest checkpoint: origin, size, root (c2sp.org/tlog-checkpoint). */
async function logSize(stateDir: string): Promise<number> {
  const checkpoint = await readFile(path.join(stateDir, 'rekor', 'log', 'checkpoint'), 'utf8');
  const size = Number(checkpoint.split('\n')[1]);
  if (!Number.isInteger(size)) throw new Error('the log gave no checkpoint');
  return size;
}

const CHANNELS = [
  ['dev', 'candidate'],
  ['stg', 'stable'],
  ['prod', 'stable'],
  ['stg', 'candidate'],
  ['prod', 'candidate'],
] as const;

type CountWork = (
  repository: string,
  release: () => Promise<{ readonly digest: string }>,
) => Promise<ExternalWork>;

/** Runs a release and counts what it left in registry and log: how one sees that two sides do the same. */
export async function describeWork({ addresses, stateDir, robot }: BenchStack): Promise<CountWork> {
  const registry = createOciRegistry({
    url: addresses.registry,
    credentials: robot('scanner'),
  });
  await registry.ping();
  return async (repository, release) => {
    const before = await logSize(stateDir);
    const digest = parseDigest((await release()).digest);
    const logEntries = (await logSize(stateDir)) - before;
    const referrers = (subject: Digest): Promise<number> =>
      registry.listReferrers({ repository, digest: subject }).then((found) => found.length);
    const index = await registry.getManifest({ repository, digest });
    const image = index.manifests.find(({ platform }) => platform?.os === 'linux');
    const ofIndex = await registry.listReferrers({ repository, digest });
    // crane gives no artifact type in the fallback tag; what is no bundle is the SBOM.
    const sbom = ofIndex.find(({ artifactType }) => artifactType !== BUNDLE_ARTIFACT_TYPE);
    if (!image || !sbom)
      throw new Error(
        `${repository}@${digest} has no image or no SBOM: ${JSON.stringify(ofIndex)}`,
      );
    const svc = repository.split('/')[1] ?? '';
    const channels = await Promise.all(
      CHANNELS.map(([env, tag]) => registry.resolve(`channels/${env}/${svc}`, tag)),
    );
    return {
      repository,
      digest,
      counts: {
        logEntries,
        referrersOfIndex: ofIndex.length,
        referrersOfImage: await referrers(image.digest),
        referrersOfSbom: await referrers(sbom.digest),
        channels: channels.filter((found) => found?.digest === digest).length,
      },
    };
  };
}
