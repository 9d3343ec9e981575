import { ReleaseError } from '../../contract/errors';
import type { AdvisoryHit } from '../../domain/advisories/case';
import { exceptedUntilMs } from '../../domain/advisories/case-exceptions';
import { MAX_CASE_HITS } from '../../ports/advisory-cases';
import type { ApiDependencies } from '../dependencies';

type ExceptedDeps = Pick<ApiDependencies, 'advisoryCases' | 'advisoryMatches' | 'ledger'>;

/** A case keeps one component of each digest; an exception is of a package, and the digest may have others. */
async function allHits(
  { advisoryCases, advisoryMatches }: ExceptedDeps,
  advisory: string,
): Promise<readonly AdvisoryHit[]> {
  const [hits, { digests }] = await Promise.all([
    advisoryCases.hitsOf(advisory),
    advisoryMatches.impact({ kind: 'advisory', id: advisory }, MAX_CASE_HITS),
  ]);
  const componentsOf = new Map(digests.map((one) => [one.digest, one.components]));
  return hits.flatMap((hit) => [
    hit,
    ...(componentsOf.get(hit.digest) ?? []).map(({ purl, severity }) => ({
      ...hit,
      ...{ purl, severity: severity ?? hit.severity },
    })),
  ]);
}

/**
 * That each hit of the case is let pass until then, by an exception that somebody approved: what the case blocked would be free
 * again by a word. @throws ReleaseError INVALID_INPUT
 */
export async function requireExcepted(
  deps: ExceptedDeps,
  advisory: string,
  until: string | null,
): Promise<void> {
  const hits = await allHits(deps, advisory);
  const services = [...new Set(hits.map(({ svc }) => svc))];
  const exceptions = new Map(
    await Promise.all(
      services.map(async (svc) => [svc, await deps.ledger.listExceptions(svc)] as const),
    ),
  );
  const untilMs = until === null ? Infinity : Date.parse(until);
  for (const hit of hits) {
    const endMs = exceptedUntilMs(hit, exceptions.get(hit.svc) ?? []);
    if (!(untilMs <= endMs)) throw notExcepted(hit, endMs);
  }
}

function notExcepted({ advisory, purl, svc }: AdvisoryHit, endMs: number): ReleaseError {
  const what = `${advisory} in ${purl} of ${svc}`;
  if (endMs === -Infinity) {
    return new ReleaseError('INVALID_INPUT', `No approved exception is for ${what}`, {
      details: { field: 'justification', remedy: 'ask for one first: plura reg exception request' },
    });
  }
  const end = new Date(endMs).toISOString();
  return new ReleaseError('INVALID_INPUT', `The exception for ${what} ends at ${end}`, {
    details: { field: 'until', remedy: `name ${end} at the latest, if that is ahead` },
  });
}
