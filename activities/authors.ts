import { ReleaseError } from '../src/contract/errors';
import { commitAuthors, type CommitAuthors } from '../src/domain/authors';
import type { Digest } from '../src/domain/digest';
import { appRepository } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { Json, Verdict } from '../src/domain/verdict';
import type { Deps } from './deps';
import { readBuildProvenance } from './read-provenance';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface ReadCommitAuthorsInput {
  readonly service: Pick<Service, 'svc' | 'name'>;
  readonly digest: Digest;
  /** We built it: of its labels only those count as knowledge that its build was asked for. */
  readonly built?: boolean;
}

export interface RecordApprovalsInput {
  readonly release: ReleaseRef;
  readonly verdict: Verdict;
}

export interface AuthorActivities {
  /** Who wrote the commit, as far as provenance and labels of the image say. Throws REGISTRY_UNAVAILABLE, DIGEST_NOT_FOUND. */
  readCommitAuthors(input: ReadCommitAuthorsInput): Promise<CommitAuthors>;
  /** Keeps what the four eyes came to beside the verdicts of the other gates. Throws LEDGER_UNAVAILABLE. */
  recordApprovals(input: RecordApprovalsInput): Promise<void>;
}

type AuthorDeps = Pick<Deps, 'registry' | 'ledger' | 'now'>;

export function createAuthorActivities(deps: AuthorDeps): AuthorActivities {
  const { registry } = deps;
  return {
    async recordApprovals({ release, verdict }): Promise<void> {
      await recordVerdict(deps, release, verdict);
    },
    async readCommitAuthors({
      service: { svc, name },
      digest,
      built = false,
    }): Promise<CommitAuthors> {
      const image = { repository: appRepository(svc, name), digest };
      const [{ labels }, predicate] = await Promise.all([
        registry.getImageConfig(image),
        readBuildProvenance(registry, image).catch(noneOfInvalid),
      ]);
      return commitAuthors(labels, predicate, built);
    },
  };
}

/** That it is invalid is for the provenance gate to say. */
function noneOfInvalid(error: unknown): Json | null {
  if (error instanceof ReleaseError && error.code === 'ATTESTATION_INVALID') return null;
  throw error;
}
