import { hash } from 'node:crypto';
import { isDigest, type Digest } from '../../../domain/digest';
import type { Backend } from '../../backend/backend';
import type { Exchange, RouteOf } from '../../exchange';
import { refused, type Refused } from '../../http/refused';
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
  readonly digest: Digest;
  readonly contentType: string;
  readonly size: string;
  readonly etag: string;
  /** Null for HEAD. */
  readonly body: Buffer | null;
}

export interface ManifestQuery {
  readonly method: 'GET' | 'HEAD';
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
  /** The client's; undefined: whatever is there. */
  readonly accept: string | undefined;
  readonly signal: AbortSignal;
}

/** A HEAD is asked as a GET: the bytes tell the digest, and an HTTP client gives a connection up after each HEAD. */
export function queryOf({ route, request, signal }: Exchange<RouteOf<'manifest'>>): ManifestQuery {
  const { repository, reference } = route;
  return {
    method: 'GET',
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

/**
 * Asks the registry. The digest of a GET is computed from its bytes, so that what is checked is what goes out; HEAD has only the
 * registry's word, and none of the bytes.
 *
 * @throws Refused MANIFEST_UNKNOWN; 502 when the bytes are not those of the digest
 */
export async function fetchManifest(
  backend: Backend,
  query: ManifestQuery,
): Promise<FoundManifest> {
  const { method, repository, reference, signal } = query;
  const accept = query.accept ?? EVERY_MANIFEST;
  const path = `/v2/${repository}/manifests/${reference}`;
  const headers = accept === '' ? {} : { accept };
  const answer = await backend.fetch({ method, path, headers, signal }, MAX_MANIFEST_BYTES);
  if (answer.status !== 200) {
    throw refusedByBackend(answer, {
      code: 'MANIFEST_UNKNOWN',
      rule: 'manifest-unknown',
      message: `${repository} has no ${reference}, or not in a form that Accept names`,
    });
  }
  const claimed = answer.headers['docker-content-digest'];
  const digest = method === 'HEAD' ? digestOfHead(query, claimed) : digestOf(answer.body);
  if (digest === null) return fetchManifest(backend, { ...query, method: 'GET' });
  if (
    (claimed !== undefined && claimed !== digest) ||
    (isDigest(reference) && reference !== digest)
  ) {
    throw corrupt(
      `${repository} answers for ${reference} with ${digest}, not ${claimed ?? reference}`,
    );
  }
  return {
    digest,
    contentType: answer.headers['content-type'] ?? 'application/octet-stream',
    size: method === 'HEAD' ? (answer.headers['content-length'] ?? '') : `${answer.body.length}`,
    etag: answer.headers['etag'] ?? `"${digest}"`,
    body: method === 'HEAD' ? null : answer.body,
  };
}

function digestOf(body: Buffer): Digest {
  return `sha256:${hash('sha256', body, 'hex')}`;
}

/** Null when the registry does not say: the bytes will. */
function digestOfHead({ reference }: ManifestQuery, claimed: string | undefined): Digest | null {
  if (claimed === undefined) return isDigest(reference) ? reference : null;
  return isDigest(claimed) ? claimed : null;
}
