import { covers, type ExceptedFinding } from '../exceptions/covers';
import { endMsOf, type GrantedException } from '../exceptions/exception';
import { at } from '../provenance';
import type { Json } from '../verdict';

/** Of refused and of excepted findings so many stand in the evidence. */
export const MAX_LISTED = 100;

/** A finding that passed by an exception, as the evidence of a scan keeps it. */
export interface CoveredFinding extends ExceptedFinding {
  readonly exceptionId: string;
  /** RFC 3339: the end of that exception when it was judged. */
  readonly until: string;
  /** RFC 3339: no exception lets it pass after that; null: none ends by this. */
  readonly limit: string | null;
}

/** `CVE-2026-1 in qs@6.5.2 until 2026-12-01T00:00:00Z by exception 1f0c…`, first the vulnerability. */
export function describeCovered(one: CoveredFinding): string {
  const { vulnerabilityId, packageName, packageVersion, until, exceptionId } = one;
  return `${vulnerabilityId} in ${packageName}@${packageVersion} until ${until} by exception ${exceptionId}`;
}

function limitMs({ limit }: Pick<CoveredFinding, 'limit'>): number {
  if (limit === null) return Infinity;
  const ms = Date.parse(limit);
  return Number.isNaN(ms) ? -Infinity : ms;
}

function knownEndMs(one: CoveredFinding): number {
  const ms = Math.min(Date.parse(one.until), limitMs(one));
  return Number.isNaN(ms) ? -Infinity : ms;
}

/** Those that stand in the evidence. Where not all do, those that end first: that is when a gateway ends pulls. */
export function listCovered(all: readonly CoveredFinding[]): readonly CoveredFinding[] {
  if (all.length <= MAX_LISTED) return all;
  return [...all].sort((a, b) => knownEndMs(a) - knownEndMs(b)).slice(0, MAX_LISTED);
}

/** When the last exception that is for it ends, in ms since the epoch; -Infinity when there is none. */
export function coveredUntil(
  finding: ExceptedFinding & Pick<CoveredFinding, 'limit'>,
  exceptions: readonly GrantedException[],
  svc: string,
): number {
  const ends = exceptions.filter((one) => covers(one, finding, svc)).map(endMsOf);
  return Math.min(Math.max(-Infinity, ...ends), limitMs(finding));
}

function textAt(value: Json, name: string): string {
  const text = at(value, name);
  return typeof text === 'string' ? text : '';
}

function toCovered(value: Json): CoveredFinding | null {
  const needs = textAt(value, 'needs');
  if (needs !== 'exception' && needs !== 'break-glass') return null;
  return {
    exceptionId: textAt(value, 'exceptionId'),
    vulnerabilityId: textAt(value, 'vulnerabilityId'),
    packageName: textAt(value, 'packageName'),
    packageVersion: textAt(value, 'packageVersion'),
    purl: textAt(value, 'purl') || null,
    needs,
    until: textAt(value, 'until'),
    limit: textAt(value, 'limit') || null,
  };
}

/**
 * What of a scan's evidence passed by exceptions. Null when that can't be told: more than are listed, or written before exceptions
 * were of packages.
 */
export function coveredOf(evidence: Json): readonly CoveredFinding[] | null {
  const listed = at(evidence, 'covered') ?? [];
  const excepted = at(evidence, 'excepted') ?? [];
  if (!Array.isArray(listed) || !Array.isArray(excepted)) return null;
  const all = (listed as readonly Json[]).map(toCovered);
  const known = all.filter((one) => one !== null);
  const isWhole = known.length === all.length && known.length === excepted.length;
  return isWhole && known.length < MAX_LISTED ? known : null;
}
