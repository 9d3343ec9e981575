import type { Digest } from '../digest';
import type { ChannelName, ChannelTag, Environment } from '../reference';

export const CHECKS = [
  /** Signatures of image, children, SBOM and provenance, and what the provenance says. */
  'signature',
  /** That it was released, as this service. */
  'binding',
  'cve',
  /** Manifest, children, configs and layers are in the registry. */
  'blobs',
  /** What runs is what the channel says. */
  'unknown-digest',
  'tag-drift',
  /** What somebody else changed on the target. */
  'target-drift',
  'quarantine',
] as const;
export type Check = (typeof CHECKS)[number];

/**
 * `prod:stable` is the channel, `prod stable` what runs there, `prod warm` what runs there without traffic, `prod` the target
 * itself.
 */
export type Where = ChannelName | `${Environment} ${ChannelTag | 'warm'}` | Environment;

export const CHECK_RESULTS = [
  /** It is not as it must be. */
  'failed',
  /** What spoke for it has lapsed; nothing speaks against it. */
  'doubtful',
  /** A part did not answer: this says nothing of the image. */
  'could-not-check',
] as const;
export type CheckResult = (typeof CHECK_RESULTS)[number];

/** What is not well with a digest, or with a place. */
export interface CheckFinding {
  readonly check: Check;
  readonly result: CheckResult;
  readonly where: readonly Where[];
  readonly digest: Digest | null;
  /** One sentence. */
  readonly reason: string;
}

const OF_THE_IMAGE: readonly Check[] = ['signature', 'binding', 'cve', 'blobs'];

/** A digest that must not run. Drift is put right where it is, and a quarantine is somebody's decision already. */
export function isFailedVerification({ check, result }: CheckFinding): boolean {
  return result === 'failed' && OF_THE_IMAGE.includes(check);
}

/** It runs without traffic, and is nowhere else. */
export function isOnlyWarm({ where }: Pick<CheckFinding, 'where'>): boolean {
  return where.length > 0 && where.every((place) => place.endsWith(' warm'));
}

/** Something that serves, or is about to, must not run. What is kept warm alone makes no service fail. */
export function isFailing({ findings }: { readonly findings: readonly CheckFinding[] }): boolean {
  return findings.some((finding) => isFailedVerification(finding) && !isOnlyWarm(finding));
}

/** For who keeps only some: what must not run comes before what is in doubt. */
export function failingFirst<Look extends { readonly findings: readonly CheckFinding[] }>(
  looks: readonly Look[],
): readonly Look[] {
  return looks.toSorted((one, two) => Number(isFailing(two)) - Number(isFailing(one)));
}

export function isUnknown({ result }: CheckFinding): boolean {
  return result === 'could-not-check';
}

/** The same thing is not well, however it is said. */
export function isSame(a: CheckFinding, b: CheckFinding): boolean {
  return a.check === b.check && a.digest === b.digest && a.where.join() === b.where.join();
}

/** `prod:stable, prod stable: signature failed: …`. */
export function describeCheckFinding({ check, result, where, reason }: CheckFinding): string {
  const said = result === 'could-not-check' ? 'could not be checked' : result;
  return `${where.join(', ')}: ${check} ${said}: ${reason}`;
}
