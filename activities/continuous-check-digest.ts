import type { CheckFinding } from '../src/domain/continuous-check/finding';
import type { Subject } from '../src/domain/continuous-check/subjects';
import { findingsOf } from '../src/domain/continuous-check/verification';
import { appRepository, type ImageRef } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { CheckDeps } from './continuous-check';
import { localReason } from './continuous-check-unknown';

type DigestDeps = Pick<CheckDeps, 'backend' | 'catalog' | 'ledger' | 'verifier'>;
type Said = Pick<CheckFinding, 'check' | 'result' | 'reason'>;

/** Is all of it there? A manifest is gone only when the registry says so in its own words. */
async function lookAtBlobs(
  { backend, catalog }: DigestDeps,
  image: ImageRef,
): Promise<readonly Said[]> {
  try {
    const missing = await backend.findMissing(image);
    if (missing.length === 0) return [];
    if (missing.includes(image.digest)) {
      if (await catalog.isAbsent(image.repository, image.digest)) {
        return [{ check: 'blobs', result: 'failed', reason: 'The registry does not have it.' }];
      }
      const reason = 'The registry answers 404 without saying what is unknown.';
      return [{ check: 'blobs', result: 'could-not-check', reason }];
    }
    const some = missing.slice(0, 3).join(', ');
    const reason = `The registry lacks ${missing.length} part(s) of it: ${some}.`;
    return [{ check: 'blobs', result: 'failed', reason }];
  } catch (error) {
    return [{ check: 'blobs', result: 'could-not-check', reason: localReason(error) }];
  }
}

/** All that is wrong with a digest of a service, where it was released. Throws LEDGER_UNAVAILABLE. */
export async function verifyDigest(
  deps: DigestDeps,
  { svc, name }: Pick<Service, 'svc' | 'name'>,
  { digest, where }: Subject,
): Promise<readonly CheckFinding[]> {
  const image = { repository: appRepository(svc, name), digest };
  const [{ faults }, blobs, quarantined] = await Promise.all([
    deps.verifier.verify(image),
    lookAtBlobs(deps, image),
    deps.ledger.isQuarantined(digest),
  ]);
  // What the look at the parts knows for sure goes before a single 404.
  const told = blobs.length > 0 ? faults.filter(({ rule }) => rule !== 'present') : faults;
  const held: readonly Said[] = quarantined
    ? [{ check: 'quarantine', result: 'failed', reason: `${digest} is under quarantine.` }]
    : [];
  return [
    ...findingsOf(told, digest, where),
    ...[...blobs, ...held].map((said) => ({ ...said, where, digest })),
  ];
}
