import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import { appRepository, versionTag } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { Deps } from './deps';

export interface ClaimTagInput {
  readonly service: Service;
  readonly version: string;
  readonly revision: string;
  readonly digest: Digest;
  readonly claimedBy: string;
}

export interface TagActivities {
  /** Writes the write-once tag; the same digest again is fine. Throws TAG_TAKEN. */
  claimTag(input: ClaimTagInput): Promise<{ readonly tag: string }>;
}

export function createTagActivities(
  deps: Pick<Deps, 'registry' | 'ledger' | 'now'>,
): TagActivities {
  return {
    async claimTag({ service, version, revision, digest, claimedBy }): Promise<{ tag: string }> {
      const image = { repository: appRepository(service.svc, service.name), digest };
      const tag = versionTag(version, revision);
      const present = await deps.registry.resolve(image.repository, tag);
      if (present && present.digest !== digest) throw taken(image.repository, tag, present.digest);
      const at = deps.now().toISOString();
      if (!(await deps.ledger.claimTag(image, tag, claimedBy, at))) {
        throw taken(image.repository, tag, 'another digest');
      }
      if (!present) await deps.registry.putTag(image, tag);
      return { tag };
    },
  };
}

function taken(repository: string, tag: string, by: string): ReleaseError {
  return new ReleaseError('TAG_TAKEN', `${repository}:${tag} is written already, with ${by}`, {
    details: { remedy: 'release a new version; a tag is written once' },
  });
}
