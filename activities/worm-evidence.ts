import type { Digest } from '../src/domain/digest';
import { classifyRepository } from '../src/domain/registry/repository-class';
import type { ReleaseStatus } from '../src/domain/release';
import type { RecordedVerdict, StandingVerdict } from '../src/domain/evidence-record';
import type { WormHold, WormTag, WormVerdict } from '../src/domain/worm/manifest';
import type { ChannelHistoryEntry } from '../src/ports/ledger';
import type { QuarantineEntry } from '../src/ports/quarantine';
import type { WormDeps } from './worm';

const MAX_HISTORY = 1_000;
const MAX_HOLDS = 100;

interface ServiceEvidence {
  readonly svc: string;
  readonly release: ReleaseStatus | null;
  readonly verdicts: readonly StandingVerdict[];
  readonly newestScan: RecordedVerdict | null;
  readonly channelMoves: readonly ChannelHistoryEntry[];
}

/** What the ledger knows of a digest, for whoever looks into it years later. */
interface WormEvidence {
  readonly schemaVersion: 1;
  readonly digest: Digest;
  /** RFC 3339 */
  readonly collectedAt: string;
  readonly quarantine: QuarantineEntry | null;
  readonly services: readonly ServiceEvidence[];
}

export interface CollectedEvidence {
  readonly document: WormEvidence;
  readonly tags: readonly WormTag[];
  readonly holds: readonly WormHold[];
  readonly verdicts: readonly WormVerdict[];
}

/** The service that a repository is of; null for bases and mirrors. */
export function serviceOf(repository: string): string | null {
  const place = classifyRepository(repository, []);
  return 'svc' in place ? place.svc : null;
}

async function ofService(
  { ledger }: Pick<WormDeps, 'ledger'>,
  svc: string,
  digest: Digest,
): Promise<ServiceEvidence> {
  const release = await ledger.findByDigest(svc, digest);
  const [verdicts, newestScan, history] = await Promise.all([
    release ? ledger.standingVerdicts(release.releaseId) : [],
    ledger.newestScan(svc, digest),
    ledger.history(svc, MAX_HISTORY),
  ]);
  const channelMoves = history.filter(({ from, to }) => from === digest || to === digest);
  return { svc, release, verdicts, newestScan, channelMoves };
}

export async function collectEvidence(
  deps: Pick<WormDeps, 'ledger' | 'quarantine' | 'allowList'>,
  image: { readonly repository: string; readonly digest: Digest },
  at: string,
): Promise<CollectedEvidence> {
  const { digest, repository } = image;
  const places = await deps.quarantine.places(digest);
  const repositories = [repository, ...places.map((place) => place.repository)];
  const names = new Set(repositories.map(serviceOf).filter((svc) => svc !== null));
  const services: ServiceEvidence[] = [];
  for (const svc of names) services.push(await ofService(deps, svc, digest));
  const holds = await deps.allowList.listHolds({ all: true, digests: [digest], limit: MAX_HOLDS });
  const quarantine = await deps.quarantine.get(digest);
  return {
    document: { schemaVersion: 1, digest, collectedAt: at, quarantine, services },
    tags: places.flatMap((place) =>
      place.tags.map((tag) => ({ repository: place.repository, tag, digest: place.digest })),
    ),
    holds: holds.map(({ id, by, at: since, until, reason }) => ({
      id,
      by,
      at: since,
      until,
      reason,
    })),
    verdicts: services.flatMap(({ verdicts }) =>
      verdicts.map(({ releaseId, at: when, verdict: { gate, subject, outcome } }) => ({
        ...{ releaseId, gate, subject, outcome },
        at: when,
      })),
    ),
  };
}
