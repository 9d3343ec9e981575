import { ReleaseError } from '../../contract/errors';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { Descriptor, Manifest } from '../../ports/registry';
import type { Attached, RegistryContent } from '../../ports/registry-content';
import { hasBlob, openBlob, pushStream } from './blobs';
import type { OciHttp } from './http';
import { fetchManifest, getManifest, putManifest, resolveManifest } from './manifests';
import { OCI_INDEX } from './media-types';
import { assertDigest, repositoryPath, scope } from './names';
import { ociHttpOf, type OciRegistryOptions } from './oci-registry';
import { addToFallback, fallbackTag, nextPage } from './referrers';
import { parseManifest } from './schema';

const MAX_PAGES = 100;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** What cosign 1 and 2 attach by; nothing in the manifest names its subject. */
const COMPANIONS = ['sig', 'att', 'sbom'] as const;

/** By the referrers API, to its last page; null when this registry has none (404). */
async function everyReferrer(
  http: OciHttp,
  { repository, digest }: ImageRef,
): Promise<readonly Descriptor[] | null> {
  let path: string | null = `${repositoryPath(repository)}/referrers/${assertDigest(digest)}`;
  const found: Descriptor[] = [];
  for (let page = 0; path !== null; page += 1) {
    if (page === MAX_PAGES) throw tooMany({ repository, digest });
    const response = await http.send({
      method: 'GET',
      path,
      scopes: [scope(repository, 'pull')],
      headers: { accept: OCI_INDEX },
      accept: [404],
    });
    const bytes = await response.read(MAX_PAGE_BYTES);
    if (response.status === 404) return null;
    found.push(...parseManifest(bytes, OCI_INDEX).manifests);
    path = nextPage(response.headers.get('link'));
  }
  return found;
}

function tooMany(subject: ImageRef): ReleaseError {
  const what = `${imageReference(subject)} has more attached than can be listed`;
  return new ReleaseError('INVALID_INPUT', what, {
    details: { remedy: 'remove old artifacts of this digest' },
  });
}

export async function listAttached(http: OciHttp, subject: ImageRef): Promise<readonly Attached[]> {
  const { repository, digest } = subject;
  const listed =
    (await everyReferrer(http, subject)) ??
    (await fetchManifest(http, repository, fallbackTag(digest)))?.manifests ??
    [];
  const companions: Attached[] = [];
  for (const kind of COMPANIONS) {
    const tag = `${fallbackTag(digest)}.${kind}`;
    const found = await resolveManifest(http, repository, tag);
    if (found) companions.push({ digest: found.digest, tag });
  }
  return [...listed.map((one) => ({ digest: one.digest, tag: null })), ...companions];
}

function entryOf(manifest: Manifest): Descriptor {
  const artifactType = manifest.artifactType ?? manifest.config?.mediaType;
  return {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    annotations: manifest.annotations,
    ...(artifactType !== undefined && { artifactType }),
  };
}

export async function pushManifest(
  http: OciHttp,
  repository: string,
  { bytes, mediaType }: { readonly bytes: Buffer; readonly mediaType: string },
  tag: string | undefined,
): Promise<void> {
  const manifest = parseManifest(bytes, mediaType);
  const { digest, subject } = manifest;
  const put = await putManifest(http, repository, tag ?? digest, { bytes, mediaType });
  if (subject && !put.referrersUpdated) {
    await addToFallback(http, { repository, digest: subject.digest }, entryOf(manifest));
  }
}

interface ContentOptions {
  readonly read: OciRegistryOptions;
  readonly write: OciRegistryOptions;
}

export function createOciContent(options: ContentOptions): RegistryContent {
  const read = ociHttpOf(options.read);
  const write = ociHttpOf(options.write);
  return {
    getManifest: (image) => getManifest(read, image),
    listAttached: (subject) => listAttached(read, subject),
    openBlob: (image) => openBlob(read, image),
    hasBlob: (image) => hasBlob(write, image),
    pushBlob: (image, chunks) => pushStream(write, image, chunks),
    pushManifest: (repository, manifest, tag) => pushManifest(write, repository, manifest, tag),
  };
}
