import { OCI_INDEX, OCI_MANIFEST } from '../../src/adapters/oci/media-types';
import { sha256 } from '../../src/adapters/oci/schema';
import { buildTestImage, type TestImage, type TestImageInput } from './fakes/registry-image';

export interface RegistryAccess {
  readonly url: string;
  /** Value of the Authorization header. */
  readonly basic: string;
}

const TIMEOUT_MS = 30_000;
/** The registry answers 404 to who does not say that it knows OCI types. */
const ACCEPT = `${OCI_MANIFEST}, ${OCI_INDEX}`;

/** A request as a client makes it that knows the protocol and nothing of us. */
export function call(
  { url, basic }: RegistryAccess,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(new URL(path, url), {
    ...init,
    headers: {
      authorization: basic,
      accept: ACCEPT,
      ...(init.headers as Record<string, string> | undefined),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'manual',
  });
}

/** A blob in one piece: POST, then PUT to where it says. The last answer. */
export async function pushBlob(
  access: RegistryAccess,
  repository: string,
  bytes: Buffer,
): Promise<Response> {
  const opened = await call(access, `/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  if (opened.status !== 202) return opened;
  await opened.body?.cancel();
  const location = new URL(opened.headers.get('location') ?? '', access.url);
  location.searchParams.set('digest', sha256(bytes));
  const headers = { 'content-type': 'application/octet-stream' };
  return call(access, `${location.pathname}${location.search}`, {
    method: 'PUT',
    headers,
    body: new Uint8Array(bytes),
  });
}

export async function putManifest(
  access: RegistryAccess,
  repository: string,
  reference: string,
  manifest: { readonly mediaType: string; readonly bytes: Buffer },
): Promise<Response> {
  return call(access, `/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    headers: { 'content-type': manifest.mediaType },
    body: new Uint8Array(manifest.bytes),
  });
}

/** Blobs, then manifests by digest, then the tag: as every client does. @throws Error unless all of it was taken. */
export async function pushImage(
  access: RegistryAccess,
  input: TestImageInput,
  tag: string,
): Promise<TestImage> {
  const image = buildTestImage(input);
  const expectCreated = async (response: Response): Promise<void> => {
    const said = await response.text();
    if (response.status !== 201) throw new Error(`${response.status}: ${said}`);
  };
  for (const blob of image.blobs)
    await expectCreated(await pushBlob(access, input.repository, blob));
  for (const manifest of image.manifests) {
    const isTop = sha256(manifest.bytes) === image.digest;
    const reference = isTop ? tag : sha256(manifest.bytes);
    await expectCreated(await putManifest(access, input.repository, reference, manifest));
  }
  return image;
}
