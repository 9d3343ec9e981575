import type { Advisory, AdvisoryFinding, AdvisoryRange } from './advisory';
import type { Component } from './component';
import {
  distributionOfSpace,
  ORACLE,
  oracleFlavor,
  RED_HAT,
  type Distribution,
} from './distributions';
import { ecosystemOfSpace, type Ecosystem } from './ecosystems';
import { isSupplied, SUPPLIER, suppliedRange } from './suppliers';
import { compareRpm, parseRpm } from './versions/rpm';
import type { RangeCheck } from './versions/ranges';
import { sign } from './versions/sign';

type Below = Extract<AdvisoryRange, { readonly kind: 'below' }>;
type BelowAdvisory = Advisory & { readonly range: Below };
type Ranges = Extract<AdvisoryRange, { readonly kind: 'ranges' }>;

const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'] as const;

function findingOf({ id, severity, status }: Advisory, fixedVersion: string): AdvisoryFinding {
  if (fixedVersion !== '') {
    return { id, severity, fixedVersion, status: 'fixed' };
  }
  return { id, severity, fixedVersion: null, status: status === 'unknown' ? 'affected' : status };
}

function isFor({ arches }: Below, { space, arch }: Component): boolean {
  return arches === null || arches.includes(arch) || (space === RED_HAT.prefix && arch === 'noarch');
}

function isBelow(component: Component, range: Below, distribution: Distribution): boolean {
  const { version } = component;
  if (distribution.compare(version, version) === null) {
    return false;
  }
  const sinceStart = range.from === null ? 0 : distribution.compare(version, range.from);
  if (sinceStart === null || sinceStart < 0) {
    return false;
  }
  if (range.fixed === null) {
    return distribution.unfixed;
  }
  const order = distribution.compare(version, range.fixed);
  return order !== null && order < 0;
}

/** Of the fixes for one product the last counts, whichever advisory names it. */
function latestFixes(advisories: readonly BelowAdvisory[]): readonly BelowAdvisory[] {
  const latest = new Map<string, BelowAdvisory>();
  const bySeverity = advisories.toSorted((a, b) =>
    sign(SEVERITIES.indexOf(a.severity), SEVERITIES.indexOf(b.severity)),
  );
  for (const one of bySeverity) {
    const known = latest.get(one.id);
    if (!known || compareRpm(known.range.fixed ?? '', one.range.fixed ?? '') < 0) {
      latest.set(one.id, one);
    }
  }
  return Array.from(latest.values());
}

function isOfFlavor({ space, version }: Component, { fixed }: Below): boolean {
  return (
    !space.startsWith(ORACLE.prefix) ||
    oracleFlavor(parseRpm(version).release) === oracleFlavor(fixed ?? '')
  );
}

const isBelowAdvisory = (one: Advisory): one is BelowAdvisory =>
  one.range.kind === 'below';

function matchSystemPackage(
  component: Component,
  advisories: readonly Advisory[],
  distribution: Distribution,
): readonly AdvisoryFinding[] {
  const own = advisories.filter(isBelowAdvisory).filter(({ range }) => isFor(range, component));
  return (distribution === RED_HAT ? latestFixes(own) : own)
    .filter(({ range }) => isOfFlavor(component, range))
    .filter(({ range }) => isBelow(component, range, distribution))
    .map((one) => findingOf(one, distribution.formatFixed(one.range.fixed ?? '')));
}

/** What is not understood is not hit, as the scanner has it (it warns). */
function isInRanges(version: string, range: Ranges, inRange: RangeCheck): boolean {
  const { vulnerable, patched, unaffected } = range;
  // An empty text stands for a range that the feed does not know.
  if ([...vulnerable, ...patched].includes('')) {
    return true;
  }
  if (vulnerable.length > 0 && inRange(version, vulnerable.join(' || ')) !== true) {
    return false;
  }
  const secure = [...patched, ...unaffected];
  if (secure.length === 0) {
    return vulnerable.length > 0;
  }
  return inRange(version, secure.join(' || ')) === false;
}

/** The patched versions, else the ends of what is vulnerable. */
function fixedVersions({ vulnerable, patched }: Ranges): string {
  const ends = vulnerable
    .flatMap((range) => range.split(','))
    .map((text) => /^\s*<(?!=)(.*)$/s.exec(text)?.[1]?.trim())
    .filter((text) => text !== undefined);
  return Array.from(new Set(patched.length > 0 ? patched : ends)).join(', ');
}

/** Those of the feeds that the scanner would ask; of two for one id the later feed counts. */
function feedsFor(
  component: Component,
  advisories: readonly Advisory[],
): { readonly asked: readonly Advisory[]; readonly supplied: boolean } {
  const { space, name, version } = component;
  const supplied = isSupplied(space, name, version);
  const [theirs, others] = [SUPPLIER, ''].map((prefix) =>
    advisories.filter(({ source }) => source.startsWith(`${prefix}${space}::`)),
  );
  const isTheirs = supplied === true || (supplied === 'perhaps' && (theirs ?? []).length > 0);
  const asked = ((isTheirs ? theirs : others) ?? []).toSorted((a, b) => sign(a.source, b.source));
  return { asked: Array.from(new Map(asked.map((one) => [one.id, one])).values()), supplied: isTheirs };
}

function matchLibrary(
  component: Component,
  advisories: readonly Advisory[],
  ecosystem: Ecosystem,
): readonly AdvisoryFinding[] {
  const { asked, supplied } = feedsFor(component, advisories);
  const inRange = supplied
    ? suppliedRange(component.space, ecosystem.inRange)
    : ecosystem.inRange;
  return asked.flatMap((one) =>
    one.range.kind === 'ranges' && isInRanges(component.version, one.range, inRange)
      ? [findingOf(one, fixedVersions(one.range))]
      : [],
  );
}

/** What of these advisories hits the component, as `trivy sbom` reports it unfiltered; each id once, by id. */
export function matchComponent(
  component: Component,
  advisories: readonly Advisory[],
): readonly AdvisoryFinding[] {
  const { space, name } = component;
  const own = advisories.filter((one) => one.space === space && one.name === name);
  const distribution = distributionOfSpace(space);
  const ecosystem = ecosystemOfSpace(space);
  const findings = distribution
    ? matchSystemPackage(component, own, distribution)
    : ecosystem
      ? matchLibrary(component, own, ecosystem)
      : [];
  // Of several fixes the scanner shows the one whose text is the greatest.
  const byFix = findings.toSorted((a, b) => sign(a.fixedVersion ?? '', b.fixedVersion ?? ''));
  const byId = new Map(byFix.map((one) => [one.id, one]));
  return Array.from(byId.values()).sort((a, b) => sign(a.id, b.id));
}
