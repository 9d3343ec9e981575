import { ReleaseError } from '../../contract/errors';
import { isDigest } from '../../domain/digest';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { Descriptor, Manifest } from '../../ports/registry';
import { networkError } from './errors';
import type { OciHttp } from './http';
import { ACCEPT_MANIFESTS } from './media-types';
import { assertDigest, assertReference, assertTag, repositoryPath, scope } from './names';
import { parseManifest } from './schema';

/** What registries agree to take as a manifest (distribution-spec, "Pushing Manifests": at least 4 MiB). */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

const contentType = (headers: Headers): string =>
  (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';

function manifestPath(repository: string, reference: string): string {
  return `${repositoryPath(repository)}/manifests/${assertReference(reference)}`;
}

/** Bytes behind a tag or digest, null when there are none; bytes behind a digest are checked against it. */
export async function fetchManifest(
  http: OciHttp,
  repository: string,
  reference: string,
): Promise<Manifest | null> {
  const response = await http.send({
    method: 'GET',
    path: manifestPath(repository, reference),
    scopes: [scope(repository, 'pull')],
    headers: { accept: ACCEPT_MANIFESTS },
    accept: [404],
  });
  const bytes = await response.read(MAX_MANIFEST_BYTES);
  if (response.status === 404) {
    return null;
  }
  const manifest = parseManifest(bytes, contentType(response.headers));
  if (isDigest(reference) && manifest.digest !== reference) {
    throw networkError(
      `manifest ${repository}@${reference}`,
      new Error(`the registry served bytes of ${manifest.digest}`),
    );
  }
  return manifest;
}

export async function getManifest(http: OciHttp, image: ImageRef): Promise<Manifest> {
  const manifest = await fetchManifest(http, image.repository, assertDigest(image.digest));
  if (!manifest) {
    throw new ReleaseError('DIGEST_NOT_FOUND', `${imageReference(image)} is not in the registry`, {
      details: { remedy: 'check repository and digest, and that retention kept it' },
    });
  }
  return manifest;
}

export async function resolveManifest(
  http: OciHttp,
  repository: string,
  reference: string,
): Promise<Descriptor | null> {
  const { status, headers } = await http.send({
    method: 'HEAD',
    path: manifestPath(repository, reference),
    scopes: [scope(repository, 'pull')],
    headers: { accept: ACCEPT_MANIFESTS },
    accept: [404],
  });
  if (status === 404) {
    return null;
  }
  const digest = headers.get('docker-content-digest') ?? (isDigest(reference) ? reference : '');
  const size = Number(headers.get('content-length') ?? Number.NaN);
  if (isDigest(digest) && Number.isInteger(size)) {
    return { digest, size, mediaType: contentType(headers) };
  }
  // The digest header is optional (distribution-spec, "Pulling manifests"): the bytes tell.
  const manifest = await fetchManifest(http, repository, reference);
  return (
    manifest && {
      digest: manifest.digest,
      size: manifest.bytes.length,
      mediaType: manifest.mediaType,
    }
  );
}

/** Puts a manifest under its digest or a tag. Returns whether the registry indexed its `subject` itself. */
export async function putManifest(
  http: OciHttp,
  repository: string,
  reference: string,
  manifest: { readonly bytes: Buffer; readonly mediaType: string },
): Promise<{ readonly referrersUpdated: boolean }> {
  const { headers } = await http.send({
    method: 'PUT',
    path: manifestPath(repository, reference),
    scopes: [scope(repository, 'push')],
    headers: { 'content-type': manifest.mediaType },
    body: manifest.bytes,
  });
  return { referrersUpdated: headers.has('oci-subject') };
}

/** Distribution answers 400 where the registry lacks a blob or a child that the manifest names. */
function isIncomplete(error: unknown): error is ReleaseError {
  const codes = error instanceof ReleaseError ? error.details['codes'] : undefined;
  const told: readonly string[] = Array.isArray(codes) ? codes : [];
  return ['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'].some((code) =>
    told.includes(code),
  );
}

export async function putNamed(
  http: OciHttp,
  repository: string,
  { digest, ...manifest }: Pick<Manifest, 'digest' | 'mediaType' | 'bytes'>,
  tag?: string,
): Promise<void> {
  try {
    await putManifest(http, repository, tag === undefined ? digest : assertTag(tag), manifest);
  } catch (error) {
    if (!isIncomplete(error)) throw error;
    throw new ReleaseError('DIGEST_NOT_FOUND', `${repository}@${digest} lacks what it names`, {
      cause: error,
      details: { remedy: 'push its blobs and children first' },
    });
  }
}

export async function putTag(http: OciHttp, image: ImageRef, tag: string): Promise<void> {
  const { repository, digest } = image;
  assertTag(tag);
  await putManifest(http, repository, tag, await getManifest(http, image));
  const found = await resolveManifest(http, repository, tag);
  if (found?.digest !== digest) {
    throw new ReleaseError(
      'CHANNEL_MOVED',
      `${repository}:${tag} was moved right after its write`,
      {
        details: {
          expected: digest,
          found: found?.digest ?? 'nothing',
          remedy: 'find out who else writes this tag',
        },
      },
    );
  }
}

export async function deleteTag(http: OciHttp, repository: string, tag: string): Promise<void> {
  await http.send({
    method: 'DELETE',
    path: manifestPath(repository, assertTag(tag)),
    scopes: [scope(repository, 'delete')],
    accept: [404],
  });
}
