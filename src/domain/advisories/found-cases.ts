import type { Digest } from '../digest';
import type { AdvisorySeverity } from './advisory';
import { worseSeverity, type AdvisoryHit } from './case';

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

/** Of each service and digest the worst that its case knows. */
function worstKnown(known: readonly AdvisoryHit[]): ReadonlyMap<string, AdvisorySeverity> {
  const worst = new Map<string, AdvisorySeverity>();
  for (const hit of known) {
    worst.set(keyOf(hit), worseSeverity(worst.get(keyOf(hit)) ?? 'UNKNOWN', hit.severity));
  }
  return worst;
}

/**
 * What its case does not know of, or knows as less severe. `known`: hits of the open case, none when it has none; `dismissed`: digests
 * that a person called not affected.
 */
export function newsOf(
  { hits }: Pick<FoundCase, 'hits'>,
  known: readonly AdvisoryHit[],
  dismissed: readonly Digest[],
): readonly AdvisoryHit[] {
  const worst = worstKnown(known);
  const isKnown = (hit: AdvisoryHit): boolean => {
    const before = worst.get(keyOf(hit));
    return before !== undefined && worseSeverity(before, hit.severity) === before;
  };
  return hits.filter((hit) => !isKnown(hit) && !dismissed.includes(hit.digest));
}
