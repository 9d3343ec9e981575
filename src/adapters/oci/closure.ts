import { ReleaseError } from '../../contract/errors';
import { inParallel } from '../../contract/in-parallel';
import type { Digest } from '../../domain/digest';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { ImageConfig, Manifest } from '../../ports/registry';
import { getBlob, hasBlob, mountBlob } from './blobs';
import { PARALLEL, type OciHttp } from './http';
import { fetchManifest, getManifest, putManifest } from './manifests';
import { localArchitecture, selectChild } from './platform';
import { parseImageConfig } from './schema';

/** An index of indexes is as deep as images go. */
const MAX_DEPTH = 3;
const MAX_CONFIG_BYTES = 1024 * 1024;

function blobsOf(manifest: Manifest): readonly Digest[] {
  const parts = manifest.config ? [manifest.config, ...manifest.layers] : manifest.layers;
  return [...new Set(parts.map((part) => part.digest))];
}

function assertDepth(depth: number, image: ImageRef): void {
  if (depth > MAX_DEPTH) {
    throw new ReleaseError('INVALID_INPUT', `${imageReference(image)} nests too many indexes`);
  }
}

/** What of `image` and all below it the registry does not hold in this repository. */
export async function findMissing(
  http: OciHttp,
  image: ImageRef,
  depth = 0,
): Promise<readonly Digest[]> {
  assertDepth(depth, image);
  const { repository, digest } = image;
  const manifest = await fetchManifest(http, repository, digest);
  if (!manifest) {
    return [digest];
  }
  const missing = new Set<Digest>();
  await inParallel(blobsOf(manifest), PARALLEL, async (blob) => {
    if (!(await hasBlob(http, { repository, digest: blob }))) {
      missing.add(blob);
    }
  });
  await inParallel(manifest.manifests, PARALLEL, async (child) => {
    const below = await findMissing(http, { repository, digest: child.digest }, depth + 1);
    below.forEach((one) => missing.add(one));
  });
  return [...missing];
}

/** Children and blobs before what refers to them: registries refuse a manifest with holes. */
async function copyTree(
  http: OciHttp,
  image: ImageRef,
  to: string,
  missing: ReadonlySet<Digest>,
  depth = 0,
): Promise<void> {
  assertDepth(depth, image);
  const { repository } = image;
  const manifest = await getManifest(http, image);
  const isAbsent = missing.has(image.digest);
  // Below an absent manifest nothing was looked at, so all of it is mounted: mounting twice is harmless.
  const blobs = blobsOf(manifest).filter((blob) => isAbsent || missing.has(blob));
  await inParallel(blobs, PARALLEL, (digest) => mountBlob(http, { repository, digest }, to));
  await inParallel(manifest.manifests, PARALLEL, (child) => {
    const below = isAbsent ? new Set([...missing, child.digest]) : missing;
    return copyTree(http, { repository, digest: child.digest }, to, below, depth + 1);
  });
  if (isAbsent) {
    await putManifest(http, to, image.digest, manifest);
  }
}

export async function mount(http: OciHttp, image: ImageRef, to: string): Promise<void> {
  if (image.repository === to) {
    await getManifest(http, image);
    return;
  }
  const missing = await findMissing(http, { repository: to, digest: image.digest });
  if (missing.length > 0) {
    await copyTree(http, image, to, new Set(missing));
  }
}

export async function getImageConfig(http: OciHttp, image: ImageRef): Promise<ImageConfig> {
  const { repository } = image;
  let manifest = await getManifest(http, image);
  if (manifest.manifests.length > 0) {
    const child = selectChild(manifest.manifests);
    if (!child) {
      throw new ReleaseError(
        'INVALID_INPUT',
        `${imageReference(image)} has no image for linux/${localArchitecture()}`,
        { details: { remedy: 'build it for this platform as well' } },
      );
    }
    manifest = await getManifest(http, { repository, digest: child.digest });
  }
  if (!manifest.config) {
    throw new ReleaseError(
      'INVALID_INPUT',
      `${imageReference(image)} is no image: it has no config`,
    );
  }
  const { digest } = manifest.config;
  return parseImageConfig(await getBlob(http, { repository, digest }, MAX_CONFIG_BYTES));
}
