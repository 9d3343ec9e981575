import { ReleaseError } from '../src/contract/errors';
import { imageContentOf } from '../src/contract/schema/image-content';
import type { Digest } from '../src/domain/digest';
import { appRepository } from '../src/domain/reference';
import { isRunnable } from '../src/domain/registry/runnable';
import type { Service } from '../src/domain/service';
import type { Deps } from './deps';

export interface CompareRebuildInput {
  readonly service: Service;
  readonly digest: Digest;
  /** What it renews. */
  readonly of: Digest;
}

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const CODES_OF_ODD_IMAGES: readonly string[] = [
  'DIGEST_NOT_FOUND',
  'FORBIDDEN',
  'INVALID_INPUT',
  'QUARANTINED',
];

type CompareDeps = Pick<Deps, 'registry'>;

/** What can't be compared counts as another: then it is released as any build is. */
export async function compareRebuild(
  deps: CompareDeps,
  { service: { svc, name }, digest, of }: CompareRebuildInput,
): Promise<{ readonly same: boolean }> {
  const repository = appRepository(svc, name);
  try {
    const [built, renewed] = await Promise.all([
      contentsOf(deps, repository, digest),
      contentsOf(deps, repository, of),
    ]);
    return { same: built.length > 0 && built.join('\n') === renewed.join('\n') };
  } catch (error) {
    const isOdd = error instanceof ReleaseError && CODES_OF_ODD_IMAGES.includes(error.code);
    if (isOdd) return { same: false };
    throw error;
  }
}

/** Of each platform; what BuildKit puts beside them (attestations, of no platform) is not part of it. */
async function contentsOf(
  deps: CompareDeps,
  repository: string,
  digest: Digest,
): Promise<readonly string[]> {
  const manifest = await deps.registry.getManifest({ repository, digest });
  const images = manifest.manifests.filter(isRunnable);
  const contents = await Promise.all(
    images.map((image) => contentsOf(deps, repository, image.digest)),
  );
  if (!manifest.config) return contents.flat().sort();
  const config = { repository, digest: manifest.config.digest };
  return [imageContentOf(await deps.registry.getBlob(config, MAX_CONFIG_BYTES))];
}
