import type { DescriptorFacts } from '../../../domain/registry/manifest-facts';
import type { Backend } from '../../backend/backend';
import { backendFailure, backendNonsense } from '../../backend/failures';
import { refused, type Refused } from '../../http/refused';
import { refusedByBackend } from '../pull/backend-answer';
import { sha256 } from '../sha256';

/** Of a config blob; those of images are a few KB. */
const MAX_BLOB_BYTES = 4 * 1024 * 1024;
const STORE_TIMEOUT_MS = 30_000;

function wrongBlob(message: string): Refused {
  return refused({
    code: 'MANIFEST_INVALID',
    rule: 'config-blob',
    message,
    remedy: 'push the manifest as your build wrote it',
  });
}

/** Of a registry whose blobs lie in an object store. The registry names the place, so it is trusted as the registry is. */
async function readFromStore(location: string, signal: AbortSignal): Promise<Buffer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STORE_TIMEOUT_MS)]);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const answer = await fetch(location, { redirect: 'error', signal: limit });
    if (!answer.ok || !answer.body) throw new Error(`the blob store answers ${answer.status}`);
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_BLOB_BYTES) throw new Error('the blob store sends too much');
      chunks.push(chunk);
    }
  } catch (error) {
    throw backendFailure(error);
  }
  return Buffer.concat(chunks);
}

/**
 * A config blob, whole, and for certain the one that the manifest names.
 *
 * @throws Refused MANIFEST_BLOB_UNKNOWN when the repository has none such; MANIFEST_INVALID when it is too large
 */
export async function readBlob(
  backend: Backend,
  repository: string,
  { digest, size }: DescriptorFacts,
  signal: AbortSignal,
): Promise<Buffer> {
  if (size > MAX_BLOB_BYTES)
    throw wrongBlob(`The config ${digest} is larger than ${MAX_BLOB_BYTES} bytes`);
  const path = `/v2/${repository}/blobs/${digest}`;
  const answer = await backend.fetch({ method: 'GET', path, signal }, MAX_BLOB_BYTES);
  const { location } = answer.headers;
  const leadsElsewhere = [302, 303, 307, 308].includes(answer.status);
  if (answer.status !== 200 && !leadsElsewhere) {
    throw refusedByBackend(answer, {
      code: 'MANIFEST_BLOB_UNKNOWN',
      rule: 'config-unknown',
      message: `${repository} has no blob ${digest}`,
    });
  }
  if (leadsElsewhere && location === undefined) throw backendNonsense('a redirect to nowhere');
  const bytes =
    leadsElsewhere && location !== undefined ? await readFromStore(location, signal) : answer.body;
  if (bytes.length === size && sha256(bytes) === digest) return bytes;
  throw wrongBlob(`The config ${digest} is not of ${size} bytes`);
}
