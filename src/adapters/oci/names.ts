import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import { isDigest } from '../../domain/digest';

// distribution-spec, "Pulling manifests".
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

function refuse(field: string, text: string): never {
  throw new ReleaseError('INVALID_INPUT', `"${text.slice(0, 300)}" is not a valid ${field}`, {
    details: { field, remedy: 'see the grammar in the OCI distribution-spec' },
  });
}

/** Checked before it becomes part of a URL. */
export function repositoryPath(repository: string): string {
  return repository.length <= 255 && NAME.test(repository)
    ? `/v2/${repository}`
    : refuse('repository', repository);
}

export function assertTag(tag: string): string {
  return TAG.test(tag) ? tag : refuse('tag', tag);
}

export function assertReference(reference: string): string {
  return isDigest(reference) || TAG.test(reference) ? reference : refuse('reference', reference);
}

export function assertDigest(digest: string): Digest {
  return isDigest(digest) ? digest : refuse('digest', digest);
}

type Right = 'pull' | 'push' | 'delete';

/** The scope a token is asked for (distribution, "Token Scope Documentation"). */
export function scope(repository: string, right: Right): string {
  const actions = right === 'pull' ? 'pull' : `pull,${right}`;
  return `repository:${repository}:${actions}`;
}
