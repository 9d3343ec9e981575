import type { Digest } from '../digest';
import type { Environment } from '../reference';
import type { AllowListPolicy } from './allow-policy';
import { environmentOf } from './namespaces';

/** Where a grant holds: exactly one of the two is set. */
export interface GrantScope {
  /** An exact name or a pattern with `*`. */
  readonly namespaces: string | null;
  readonly environment: Environment | null;
}

/** A dated permission to run one digest of one repository, whatever the channels say. Times are RFC 3339. */
export interface Grant extends GrantScope {
  readonly id: string;
  readonly repository: string;
  readonly digest: Digest;
  /** Who answers for what runs. */
  readonly owner: string;
  readonly reason: string;
  readonly grantedBy: string;
  readonly grantedAt: string;
  readonly expiresAt: string;
}

/** A digest that nobody may run, nor indexes that hold it or manifests that it holds, in any namespace. */
export interface Denial {
  readonly digest: Digest;
  /** As it was named; the denial is of the digest wherever it lies. */
  readonly repository: string | null;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

/** A digest that a denial keeps out: the one it names, or one that holds it or that it holds. */
export interface DeniedDigest extends Omit<Denial, 'repository'> {
  /** What the denial names. */
  readonly cause: Digest;
}

/** Where nobody grants to themselves: prod, and what may be prod for all that is known. */
export function needsFourEyes(environment: Environment | null): boolean {
  return environment === 'prod' || environment === null;
}

/** The environment of all that the scope covers; null when that can't be told, as of a pattern. */
export function environmentOfScope(
  { namespaces, environment }: GrantScope,
  policy: Pick<AllowListPolicy, 'namespaces'>,
): Environment | null {
  if (environment !== null) return environment;
  if (namespaces === null || namespaces.includes('*')) return null;
  return environmentOf(namespaces, policy.namespaces);
}

export function isOwnGrant({ owner, grantedBy }: Pick<Grant, 'owner' | 'grantedBy'>): boolean {
  return owner.trim().toLowerCase() === grantedBy.trim().toLowerCase();
}

/** In ms since the epoch; a maximum that was lowered since binds older grants too. */
export function endOfGrant(
  { grantedAt, expiresAt }: Pick<Grant, 'grantedAt' | 'expiresAt'>,
  { maxGrantMs }: Pick<AllowListPolicy, 'maxGrantMs'>,
): number {
  return Math.min(Date.parse(expiresAt), Date.parse(grantedAt) + maxGrantMs);
}
