import { ReleaseError } from '../src/contract/errors';
import { commitAuthors, type CommitAuthors } from '../src/domain/authors';
import type { Digest } from '../src/domain/digest';
import { appRepository } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { Json } from '../src/domain/verdict';
import type { Deps } from './deps';
import { readBuildProvenance } from './read-provenance';

export interface ReadCommitAuthorsInput {
  readonly service: Pick<Service, 'svc' | 'name'>;
  readonly digest: Digest;
}

export interface AuthorActivities {
  /** Who wrote the commit, as far as provenance and labels of the image say. Throws REGISTRY_UNAVAILABLE, DIGEST_NOT_FOUND. */
  readCommitAuthors(input: ReadCommitAuthorsInput): Promise<CommitAuthors>;
}

export function createAuthorActivities({ registry }: Pick<Deps, 'registry'>): AuthorActivities {
  return {
    async readCommitAuthors({ service: { svc, name }, digest }): Promise<CommitAuthors> {
      const image = { repository: appRepository(svc, name), digest };
      const [{ labels }, predicate] = await Promise.all([
        registry.getImageConfig(image),
        readBuildProvenance(registry, image).catch(noneOfInvalid),
      ]);
      return commitAuthors(labels, predicate);
    },
  };
}

/** That it is invalid is for the provenance gate to say. */
function noneOfInvalid(error: unknown): Json | null {
  if (error instanceof ReleaseError && error.code === 'ATTESTATION_INVALID') return null;
  throw error;
}
