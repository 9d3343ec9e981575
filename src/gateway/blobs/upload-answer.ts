import type { Digest } from '../../domain/digest';
import type { BackendResponse } from '../backend/backend';
import { backendNonsense } from '../backend/failures';
import type { GatewayDependencies } from '../dependencies';
import type { Exchange } from '../exchange';
import { parseTarget } from '../http/route';
import { assertOurAnswer, relay } from '../http/relay';
import type { LeasedBlob } from '../../ports/upload-leases';
import { assertNotSealed } from '../state/push-gate';
import { uploadAnswerHeaders } from './headers';
import { blobPath } from './path';

type UploadDependencies = Pick<
  GatewayDependencies,
  'backend' | 'cache' | 'inventory' | 'log' | 'now' | 'publicUrl' | 'uploads'
>;

const MAX_ANSWER_BYTES = 64 * 1024;
/** The bytes are in: what is left to do must not end with the client's patience. */
const RECORD_TIMEOUT_MS = 30_000;

/** Where an upload goes on: the registry's own path and query, seen from outside. */
function uploadLocation(
  { backend, publicUrl = '' }: UploadDependencies,
  location: string,
  repository: string,
): string {
  const path = backend.ownPath(location);
  if (path === null) {
    throw backendNonsense(
      'an upload that leads elsewhere: set http.relativeurls, or http.host to the address the gateway uses',
    );
  }
  const isUpload = (): boolean => {
    const { route } = parseTarget(path);
    return route.kind === 'upload' && route.repository === repository;
  };
  try {
    if (isUpload()) return publicUrl + path;
  } catch (error) {
    throw Object.assign(backendNonsense(`an upload at ${path}`), { cause: error });
  }
  throw backendNonsense(`an upload at ${path}`);
}

/** An upload that goes on, or an error of the registry about it. */
export async function passUploadAnswer(
  deps: UploadDependencies,
  { response }: Exchange,
  answer: BackendResponse,
  repository: string,
): Promise<void> {
  assertOurAnswer(answer);
  const { location } = answer.headers;
  const headers = uploadAnswerHeaders(answer.headers);
  if (location !== undefined) {
    try {
      headers['location'] = uploadLocation(deps, location, repository);
    } catch (error) {
      answer.body.destroy();
      throw error;
    }
  }
  await relay(response, answer, headers);
}

async function sizeOf(
  { backend }: UploadDependencies,
  repository: string,
  digest: Digest,
): Promise<number> {
  const signal = AbortSignal.timeout(RECORD_TIMEOUT_MS);
  const path = blobPath(repository, digest);
  const { status, headers } = await backend.fetch(
    { method: 'HEAD', path, signal },
    MAX_ANSWER_BYTES,
  );
  const size = Number(headers['content-length'] ?? Number.NaN);
  if (status !== 200 || !Number.isSafeInteger(size)) {
    throw backendNonsense(`it took ${digest} in ${repository} and answers ${status} for it`);
  }
  return size;
}

/**
 * Asks the registry to end an upload or to mount. That it was asked stands in the database first, and is looked at by who seals
 * the registry for a collector: either that waits for this end, or this hears of the seal.
 *
 * @throws Refused UNAVAILABLE while a collector runs
 */
export async function committing(
  deps: UploadDependencies,
  { requestId }: Exchange,
  blob: LeasedBlob,
  commit: () => Promise<void>,
): Promise<void> {
  await deps.uploads.beginCommit(requestId, blob);
  try {
    assertNotSealed(deps);
    await commit();
  } finally {
    const end = { stored: false, at: deps.now().toISOString() };
    await deps.uploads.endCommit(requestId, end).catch((error: unknown) => {
      deps.log.warn({ err: error, ...blob }, 'the end of an upload is not recorded');
    });
  }
}

/**
 * The registry has the blob: written down and leased to whoever pushes it, then told. When Postgres does not answer, the client hears 503 and tries again,
 * which costs it a HEAD or a mount: a blob that is told of is also known of.
 *
 * @throws Refused, ReleaseError LEDGER_UNAVAILABLE
 */
export async function completeBlob(
  deps: UploadDependencies,
  { response, principal, requestId }: Exchange,
  repository: string,
  digest: Digest,
): Promise<void> {
  const size = await sizeOf(deps, repository, digest);
  const at = deps.now().toISOString();
  await deps.inventory.recordBlob(repository, digest, size, principal.name, at);
  await deps.uploads.endCommit(requestId, { stored: true, at });
  response.writeHead(201, {
    location: (deps.publicUrl ?? '') + blobPath(repository, digest),
    'docker-content-digest': digest,
    'content-length': 0,
  });
  response.end();
}
