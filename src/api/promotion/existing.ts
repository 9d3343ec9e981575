import { ReleaseError } from '../../contract/errors';
import { placeOf, type LaneState } from '../../domain/lane';
import type { ReleaseStatus } from '../../domain/release';
import type { ApiDependencies } from '../dependencies';
import type { Candidate } from './candidate';

/** A release that already answers the request. */
export interface Existing {
  readonly releaseId: string;
  /** Null when it has ended. */
  readonly place: number | null;
}

/**
 * The run that makes a second one pointless: the same version or digest is queued, under way, or
 * is prod:stable now. Throws TAG_TAKEN when the version belongs to another digest for good.
 */
export async function findExisting(
  deps: ApiDependencies,
  candidate: Candidate,
  lane: LaneState,
): Promise<Existing | null> {
  const { service, digest, releaseId } = candidate;
  const queued = placeOf(lane, releaseId);
  if (queued !== null) return { releaseId, place: queued };
  const byVersion = await deps.ledger.getStatus(releaseId);
  const byDigest = digest && (await deps.ledger.findByDigest(service.svc, digest));
  const stable = await deps.ledger.getChannel(service.svc, { env: 'prod', tag: 'stable' });
  if (byVersion && isForeign(byVersion, candidate)) throw tagTaken(byVersion, candidate);
  for (const status of [byVersion, byDigest]) {
    if (!status) continue;
    if (status.outcome === undefined) {
      return { releaseId: status.releaseId, place: placeOf(lane, status.releaseId) ?? 1 };
    }
    const isStable = status.digest !== undefined && status.digest === stable?.digest;
    if (status.outcome === 'released' && isStable) {
      return { releaseId: status.releaseId, place: null };
    }
  }
  // A second build of a released version would end at its write-once tag, minutes later.
  if (byVersion?.outcome === 'released' && digest === null) throw tagTaken(byVersion, candidate);
  return null;
}

/** Another digest has this version, or is about to. */
function isForeign(status: ReleaseStatus, candidate: Candidate): boolean {
  const binding = status.outcome === undefined || status.outcome === 'released';
  return (
    binding &&
    candidate.digest !== null &&
    status.digest !== undefined &&
    status.digest !== candidate.digest
  );
}

function tagTaken(status: ReleaseStatus, candidate: Candidate): ReleaseError {
  const holder = status.digest ?? 'another digest';
  return new ReleaseError('TAG_TAKEN', `${status.releaseId} was released as ${holder}`, {
    details: {
      field: candidate.digest === null ? 'source.version' : 'digest',
      remedy: `raise the version, or promote that digest: --digest ${holder}`,
    },
  });
}
