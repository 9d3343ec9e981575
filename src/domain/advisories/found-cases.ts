import type { Digest } from '../digest';
import type { AdvisoryHit } from './case';

/** An advisory that needs a case, with all that it hits. */
export interface FoundCase {
  readonly advisory: string;
  readonly hits: readonly AdvisoryHit[];
}

/** What is in a channel before prod, or kept for a rollback, is stopped by its gates. */
function isInProd({ channels, running }: AdvisoryHit): boolean {
  return channels.includes('prod:stable') || running.includes('prod');
}

/** Advisories that hit `prod:stable` of a service, or what runs in prod; in the order of the hits. */
export function foundCases(hits: readonly AdvisoryHit[]): readonly FoundCase[] {
  const byAdvisory = new Map<string, AdvisoryHit[]>();
  for (const hit of hits) {
    const known = byAdvisory.get(hit.advisory);
    if (known) known.push(hit);
    else byAdvisory.set(hit.advisory, [hit]);
  }
  return [...byAdvisory]
    .filter(([, of]) => of.some(isInProd))
    .map(([advisory, of]) => ({ advisory, hits: of }));
}

const keyOf = ({ svc, digest }: Pick<AdvisoryHit, 'svc' | 'digest'>): string => `${svc} ${digest}`;

/**
 * What its case does not know of. `known`: hits of the open case, none when it has none; `dismissed`: digests that a person called
 * not affected.
 */
export function newsOf(
  { hits }: FoundCase,
  known: readonly AdvisoryHit[],
  dismissed: readonly Digest[],
): readonly AdvisoryHit[] {
  const keys = new Set(known.map(keyOf));
  return hits.filter((hit) => !keys.has(keyOf(hit)) && !dismissed.includes(hit.digest));
}
