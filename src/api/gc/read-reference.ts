import { ReleaseError } from '../../contract/errors';
import { isDigest } from '../../domain/digest';
import { isRepositoryName } from '../../domain/registry/repository-class';
import { isTag } from '../../domain/registry/tag-rules';

export interface Reference {
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

/** `{repository}:{tag}` or `{repository}@{digest}`. @throws ReleaseError INVALID_INPUT */
export function readReference(text: string): Reference {
  const at = text.indexOf('@');
  const end = at < 0 ? text.lastIndexOf(':') : at;
  const [repository, reference] = [text.slice(0, end), text.slice(end + 1)];
  const isKnown = at < 0 ? isTag(reference) : isDigest(reference);
  if (end > 0 && isRepositoryName(repository) && isKnown) return { repository, reference };
  throw new ReleaseError('INVALID_INPUT', `"${text}" names no tag and no digest of a repository`, {
    details: { field: 'ref', remedy: 'name it {repository}:{tag} or {repository}@sha256:…' },
  });
}
