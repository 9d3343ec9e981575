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

/** A page of what the request means, by the newest scans. @throws ReleaseError INVALID_INPUT */
export async function findMatching(
  { scanFindings }: Pick<ApiDependencies, 'scanFindings'>,
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
      ? await scanFindings.failing(page)
      : await scanFindings.withAdvisory(cve, page);
  const last = found.length === limit ? found.at(-1) : undefined;
  const matched = group(found.filter(({ listed }) => listed));
  const sure = new Set(matched.map(({ digest }) => digest));
  const unclear = found.filter(({ listed, digest }) => !listed && !sure.has(digest));
  return {
    matched,
    unclear: [...new Set(unclear.map(({ digest }) => digest))],
    next: last ? { digest: last.digest, svc: last.svc } : null,
  };
}
