import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';

const TIMEOUT_MS = 15_000;
const MAX_SIGNATURE_BYTES = 64 * 1024;
/** As many as are looked at; Red Hat keeps one for each name and key. */
const MAX_SIGNATURES = 32;

function unavailable(url: string, reason: string, cause?: unknown): ReleaseError {
  return new ReleaseError('REGISTRY_UNAVAILABLE', `${url}: ${reason}`, {
    cause,
    details: { remedy: "check that the vendor's store of signatures can be reached" },
  });
}

async function readSome(response: Response, url: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const chunks = (response.body ?? []) as AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_SIGNATURE_BYTES) {
      throw new ReleaseError('INVALID_INPUT', `${url} is too large for a signature`);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** Null where there is none. */
async function fetchOne(url: string): Promise<Buffer | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return await readSome(response, url);
    await response.body?.cancel();
    if (response.status === 404 || response.status === 403) return null;
    throw unavailable(url, `the answer is ${response.status}`);
  } catch (error) {
    throw error instanceof ReleaseError ? error : unavailable(url, failureReason(error), error);
  }
}

/** `{store}/{repository}@sha256={hex}/signature-{n}` from 1 on, to the first that is not there (containers-registries.d(5)). */
export async function* readSignatures(
  store: string,
  repository: string,
  digest: Digest,
): AsyncGenerator<Buffer, void, undefined> {
  const base = `${store.replace(/\/+$/, '')}/${repository}@${digest.replace(':', '=')}`;
  for (let number = 1; number <= MAX_SIGNATURES; number += 1) {
    const signature = await fetchOne(`${base}/signature-${number}`);
    if (!signature) return;
    yield signature;
  }
}
