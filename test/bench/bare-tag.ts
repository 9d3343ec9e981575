import type { Digest } from '../../src/domain/digest';
import { pushTestImage, startRegistry } from '../support/registry-server';

const TIMEOUT_MS = 10_000;
const REPOSITORY = 'bare/bare';
const ACCEPT =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';

/**
 * What a rollback is without anything around it: the manifest put under a tag and read back (distribution-spec). On a registry
 * of its own, the same program: moved around the gateway of the stack, each move would be an event there.
 */
export interface BareTag {
  /** To the other of two digests. */
  move(): Promise<void>;
  stop(): Promise<void>;
}

interface Known {
  readonly digest: Digest;
  readonly body: string;
  readonly type: string;
}

async function read(manifests: string, reference: string): Promise<Response> {
  const response = await fetch(`${manifests}/${reference}`, {
    headers: { accept: ACCEPT },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${reference} answered ${response.status}`);
  return response;
}

async function push(url: string, manifests: string, user: string): Promise<Known> {
  const provenance = { buildDefinition: {} };
  const digest = await pushTestImage(url, { repository: REPOSITORY, user, provenance });
  const response = await read(manifests, digest);
  const type = response.headers.get('content-type') ?? '';
  return { digest, type, body: await response.text() };
}

export async function createBareTag(): Promise<BareTag> {
  const registry = await startRegistry();
  const { url } = registry;
  const manifests = `${url}/v2/${REPOSITORY}/manifests`;
  let next = await push(url, manifests, '1000');
  let after = await push(url, manifests, '2000');
  return {
    stop: () => registry.stop(),
    move: async () => {
      const { digest, body, type } = next;
      const put = await fetch(`${manifests}/bare`, {
        method: 'PUT',
        headers: { 'content-type': type },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await put.body?.cancel();
      const back = await read(manifests, 'bare');
      await back.text();
      if (!put.ok || back.headers.get('docker-content-digest') !== digest) {
        throw new Error(`the tag did not move to ${digest}`);
      }
      [next, after] = [after, next];
    },
  };
}
