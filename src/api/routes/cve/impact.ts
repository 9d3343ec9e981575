import { canonicalAdvisoryId } from '../../../domain/advisories/advisory-id';
import { ReleaseError } from '../../../contract/errors';
import { ImpactQuery, ImpactView } from '../../../contract/schema/api-impact';
import { readPackageQuestion } from '../../../domain/advisories/package-question';
import type { ImpactOf } from '../../../ports/advisory-matches';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

const ADVISORY = /^[A-Za-z0-9][A-Za-z0-9._:-]{2,127}$/;

export function registerImpact(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/cve/impact',
    {
      config: { permission: 'read' },
      schema: {
        summary:
          'What an advisory, a package or the newest database hits: digests, channels, workloads',
        querystring: ImpactQuery,
        response: answers({ 200: ImpactView }),
      },
    },
    async ({ query }) => {
      const of = readQuestion(query.of);
      const [database, counts] = await Promise.all([
        deps.advisoryMatches.matchedWith(),
        deps.componentIndex.counts(),
      ]);
      if (database === null && of.kind !== 'package') throw neverMatched();
      const impact = await deps.advisoryMatches.impact(of, query.limit);
      return { database, indexed: counts.digests, missing: counts.missing, ...impact };
    },
  );
}

/** @throws ReleaseError INVALID_INPUT */
function readQuestion(of: string | undefined): ImpactOf {
  if (of === undefined) return { kind: 'database' };
  if (/^pkg:/i.test(of)) {
    const question = readPackageQuestion(of);
    if (question) return { kind: 'package', ...question };
  } else if (ADVISORY.test(of)) {
    return { kind: 'advisory', id: canonicalAdvisoryId(of) };
  }
  throw new ReleaseError('INVALID_INPUT', `"${of}" is neither an advisory nor a purl`, {
    details: { field: 'of', remedy: 'such as CVE-2026-1234 or pkg:deb/debian/openssl' },
  });
}

/** Nothing found would read as nothing hit. */
function neverMatched(): ReleaseError {
  return new ReleaseError('SCANNER_UNAVAILABLE', 'The index was never matched with advisories', {
    details: { remedy: 'see why in the Schedule advisory-watch, which the release worker runs' },
  });
}
