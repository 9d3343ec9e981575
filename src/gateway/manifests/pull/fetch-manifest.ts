import { isDigest, type Digest } from '../../../domain/digest';
import type { Backend } from '../../backend/backend';
import type { Exchange, RouteOf } from '../../exchange';
import { refused, type Refused } from '../../http/refused';
import { sha256 } from '../sha256';
import { refusedByBackend } from './backend-answer';

/** distribution-spec, "Pushing Manifests": registries take 4 MiB; none is larger here. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** For reads of our own: whatever is there. */
const EVERY_MANIFEST = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  '*/*',
].join(', ');

/** A manifest as the registry gave it. */
export interface FoundManifest {
  /** Of the bytes. */
  readonly digest: Digest;
  readonly contentType: string;
  readonly etag: string;
  readonly body: Buffer;
}

export interface ManifestQuery {
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
  /** The client's; undefined: whatever is there. */
  readonly accept: string | undefined;
  readonly signal: AbortSignal;
}

export function queryOf({ route, request, signal }: Exchange<RouteOf<'manifest'>>): ManifestQuery {
  const { repository, reference } = route;
  return {
    repository,
    reference: reference.kind === 'tag' ? reference.tag : reference.digest,
    accept: request.headers.accept ?? '',
    signal,
  };
}

function corrupt(message: string): Refused {
  return refused({
    code: 'UNKNOWN',
    status: 502,
    rule: 'backend-corrupt',
    message,
    remedy:
      'the registry behind the gateway holds something else than it should: tell its operator',
  });
}

/** The registry's answer when it has the manifest. @throws Refused MANIFEST_UNKNOWN */
async function ask(
  backend: Backend,
  method: 'GET' | 'HEAD',
  { repository, reference, accept = EVERY_MANIFEST, signal }: ManifestQuery,
): Promise<Awaited<ReturnType<Backend['fetch']>>> {
  const path = `/v2/${repository}/manifests/${reference}`;
  const headers = accept === '' ? {} : { accept };
  const answer = await backend.fetch({ method, path, headers, signal }, MAX_MANIFEST_BYTES);
  if (answer.status === 200) return answer;
  throw refusedByBackend(answer, {
    code: 'MANIFEST_UNKNOWN',
    rule: 'manifest-unknown',
    message: `${repository} has no ${reference}, or not in a form that Accept names`,
  });
}

/** @throws Refused 502 when the registry has not what it was asked for, or says */
function assertDigest(
  { repository, reference }: ManifestQuery,
  digest: Digest,
  claimed: string | undefined,
): void {
  const isAsked = !isDigest(reference) || reference === digest;
  if (isAsked && (claimed === undefined || claimed === digest)) return;
  throw corrupt(
    `${repository} answers for ${reference} with ${digest}, not ${claimed ?? reference}`,
  );
}

/**
 * Asks the registry. The digest is computed from the bytes, so that what is checked is what goes out. For a HEAD of a client too: an
 * HTTP client gives a connection up after each HEAD.
 *
 * @throws Refused MANIFEST_UNKNOWN; 502 when the bytes are not those of the digest
 */
export async function fetchManifest(
  backend: Backend,
  query: ManifestQuery,
): Promise<FoundManifest> {
  const { headers, body } = await ask(backend, 'GET', query);
  const digest = sha256(body);
  assertDigest(query, digest, headers['docker-content-digest']);
  return {
    digest,
    contentType: headers['content-type'] ?? 'application/octet-stream',
    etag: headers['etag'] ?? `"${digest}"`,
    body,
  };
}

/** What the registry says it has there, without the bytes where it names the digest. @throws Refused as fetchManifest */
export async function fetchDigest(backend: Backend, query: ManifestQuery): Promise<Digest> {
  const { reference } = query;
  const { headers } = await ask(backend, 'HEAD', query);
  const claimed = headers['docker-content-digest'] ?? (isDigest(reference) ? reference : '');
  if (!isDigest(claimed)) return (await fetchManifest(backend, query)).digest;
  assertDigest(query, claimed, undefined);
  return claimed;
}
