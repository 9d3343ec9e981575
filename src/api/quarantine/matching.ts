import { ReleaseError } from '../../contract/errors';
import type { QuarantineMatchingRequest } from '../../contract/schema/api-quarantine';
import { isDigest, type Digest } from '../../domain/digest';
import type { MatchPage, ScanMatch } from '../../ports/scan-findings';
import type { ApiDependencies } from '../dependencies';

/** All that is known of one digest, whichever services released it. */
export interface MatchedDigest {
  readonly digest: Digest;
  readonly services: readonly string[];
  readonly advisories: readonly string[];
  /** RFC 3339, of the newest of these scans. */
  readonly scannedAt: string;
}

interface Matching {
  readonly matched: readonly MatchedDigest[];
  /** Whose lists were cut off before the advisory. */
  readonly unclear: readonly Digest[];
  readonly next: MatchPage['after'];
}

interface IndexSays {
  readonly hit: ReadonlySet<Digest>;
  readonly clear: ReadonlySet<Digest>;
}

/**
 * What the component index says of digests whose lists were cut off. That it does not know of the advisory counts when it was matched
 * with a database no older than that of the scan.
 */
async function askIndex(
  { advisoryMatches }: Pick<ApiDependencies, 'advisoryMatches'>,
  cve: string | undefined,
  cutOff: readonly ScanMatch[],
): Promise<IndexSays> {
  if (cve === undefined || cutOff.length === 0) return { hit: new Set(), clear: new Set() };
  const digests = [...new Set(cutOff.map(({ digest }) => digest))];
  const [answers, database] = await Promise.all([
    advisoryMatches.hitsWhich(cve, digests),
    advisoryMatches.matchedWith(),
  ]);
  const matchedMs = database ? Date.parse(database.updatedAt) : -Infinity;
  const isOlder = ({ databaseAt }: ScanMatch): boolean =>
    !(Date.parse(databaseAt ?? '') <= matchedMs);
  const tooNew = new Set(cutOff.filter(isOlder).map(({ digest }) => digest));
  const said = (hit: boolean): readonly Digest[] =>
    answers.filter((one) => one.hit === hit).map(({ digest }) => digest);
  return {
    hit: new Set(said(true)),
    clear: new Set(said(false).filter((digest) => !tooNew.has(digest))),
  };
}

function pageOf({ after, limit }: QuarantineMatchingRequest): MatchPage {
  if (after === undefined) return { after: null, limit };
  if (isDigest(after.digest)) return { after: { ...after, digest: after.digest }, limit };
  throw new ReleaseError('INVALID_INPUT', `"${after.digest}" is not a digest`, {
    details: { field: 'after.digest', remedy: 'give `next` of the page before' },
  });
}

function group(matches: readonly ScanMatch[]): readonly MatchedDigest[] {
  const digests = [...new Set(matches.map(({ digest }) => digest))];
  return digests.map((digest) => {
    const scans = matches.filter((one) => one.digest === digest);
    return {
      digest,
      services: scans.map(({ svc }) => svc),
      advisories: [...new Set(scans.flatMap(({ advisories }) => advisories))],
      scannedAt:
        scans
          .map(({ scannedAt }) => scannedAt)
          .sort()
          .at(-1) ?? '',
    };
  });
}

type MatchingDeps = Pick<ApiDependencies, 'advisoryMatches' | 'scanFindings'>;

/**
 * A page of what the request means, by the newest scans, and by the component index where one lists too much to tell.
 * @throws ReleaseError INVALID_INPUT
 */
export async function findMatching(
  deps: MatchingDeps,
  request: QuarantineMatchingRequest,
): Promise<Matching> {
  const { cve, breach, limit } = request;
  if ((cve === undefined) === !breach) {
    throw new ReleaseError('INVALID_INPUT', 'It takes an advisory or breach, and one of them', {
      details: { field: 'cve', remedy: 'give exactly one of cve and breach' },
    });
  }
  const page = pageOf(request);
  const found =
    cve === undefined
      ? await deps.scanFindings.failing(page)
      : await deps.scanFindings.withAdvisory(cve, page);
  const last = found.length === limit ? found.at(-1) : undefined;
  const listed = found.filter((one) => one.listed);
  const sure = new Set(listed.map(({ digest }) => digest));
  const cutOff = found.filter((one) => !one.listed && !sure.has(one.digest));
  const index = await askIndex(deps, cve, cutOff);
  const hit = cutOff
    .filter(({ digest }) => index.hit.has(digest))
    .map((one) => ({
      ...one,
      advisories: [...one.advisories, ...(cve === undefined ? [] : [cve])],
    }));
  const unclear = cutOff
    .map(({ digest }) => digest)
    .filter((digest) => !index.hit.has(digest) && !index.clear.has(digest));
  return {
    matched: group([...listed, ...hit]),
    unclear: [...new Set(unclear)],
    next: last ? { digest: last.digest, svc: last.svc } : null,
  };
}
