import type { Digest } from '../../src/domain/digest';

const TIMEOUT_MS = 10_000;
const ACCEPT =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';

/** What a rollback is without anything around it: the manifest put under a tag and read back (distribution-spec). */
export interface BareTag {
  move(digest: Digest): Promise<void>;
}

export function createBareTag(registryUrl: string, svc: string): BareTag {
  const manifests = `${registryUrl}/v2/apps/${svc}/${svc}/manifests`;
  const known = new Map<Digest, { readonly body: string; readonly type: string }>();

  async function read(reference: string): Promise<Response> {
    const response = await fetch(`${manifests}/${reference}`, {
      headers: { accept: ACCEPT },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`${reference} answered ${response.status}`);
    return response;
  }

  async function load(digest: Digest): Promise<{ readonly body: string; readonly type: string }> {
    const response = await read(digest);
    const manifest = {
      body: await response.text(),
      type: response.headers.get('content-type') ?? '',
    };
    known.set(digest, manifest);
    return manifest;
  }

  return {
    move: async (digest) => {
      const { body, type } = known.get(digest) ?? (await load(digest));
      const put = await fetch(`${manifests}/bare`, {
        method: 'PUT',
        headers: { 'content-type': type },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await put.body?.cancel();
      const back = await read('bare');
      await back.text();
      if (!put.ok || back.headers.get('docker-content-digest') !== digest) {
        throw new Error(`the tag did not move to ${digest}`);
      }
    },
  };
}
