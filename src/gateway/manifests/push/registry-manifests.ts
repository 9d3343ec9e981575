import type { Digest } from '../../../domain/digest';
import type { ManifestFacts } from '../../../domain/registry/manifest-facts';
import type { Backend, BackendResponse } from '../../backend/backend';
import { Refused } from '../../http/refused';
import { fetchDigest, fetchManifest, type FoundManifest } from '../pull/fetch-manifest';
import { parseManifest } from './parse-manifest';

/** Below the 60 s after which a claim counts as abandoned: who waits for it may trust that nothing comes after. */
const WRITE_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface Place {
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Refused && error.refusal.rule === 'manifest-unknown') return null;
    throw error;
  }
}

/** What the registry has there; null when nothing. @throws Refused when it could not be found out */
export function headManifest(
  backend: Backend,
  place: Place,
  signal: AbortSignal,
): Promise<Digest | null> {
  return orNull(fetchDigest(backend, { ...place, accept: undefined, signal }));
}

export function readManifest(
  backend: Backend,
  place: Place,
  signal: AbortSignal,
): Promise<FoundManifest | null> {
  return orNull(fetchManifest(backend, { ...place, accept: undefined, signal }));
}

/** As the rules see it; null when it is not there or no manifest that we would take. */
export async function readFacts(
  backend: Backend,
  place: Place,
  signal: AbortSignal,
): Promise<ManifestFacts | null> {
  const found = await readManifest(backend, place, signal);
  if (!found) return null;
  try {
    return parseManifest(found.body, found.contentType);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

export type BackendAnswer = Omit<BackendResponse, 'body'> & { readonly body: Buffer };

/** Not tied to the client, who may go: what was begun is brought to its end, so that the claim tells the truth. */
export function putToBackend(
  backend: Backend,
  { repository, reference }: Place,
  { bytes, mediaType }: { readonly bytes: Buffer; readonly mediaType: string },
): Promise<BackendAnswer> {
  return backend.fetch(
    {
      method: 'PUT',
      path: `/v2/${repository}/manifests/${reference}`,
      headers: { 'content-type': mediaType },
      body: bytes,
      signal: AbortSignal.timeout(WRITE_TIMEOUT_MS),
      answerWithinMs: WRITE_TIMEOUT_MS,
    },
    MAX_ANSWER_BYTES,
  );
}

export function deleteFromBackend(
  backend: Backend,
  { repository, reference }: Place,
): Promise<BackendAnswer> {
  return backend.fetch(
    {
      method: 'DELETE',
      path: `/v2/${repository}/manifests/${reference}`,
      signal: AbortSignal.timeout(WRITE_TIMEOUT_MS),
      answerWithinMs: WRITE_TIMEOUT_MS,
    },
    MAX_ANSWER_BYTES,
  );
}
