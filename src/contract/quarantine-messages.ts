import type { Digest } from '../domain/digest';

/** Argument of quarantineAlertWorkflow: what was put under quarantine, to be told with what it hits. */
export interface QuarantineAlertInput {
  /** Stable for the same request. */
  readonly id: string;
  readonly digests: readonly Digest[];
  readonly reason: string;
  readonly cves: readonly string[];
  readonly by: string;
  /** RFC 3339 */
  readonly at: string;
}

/** What runs a quarantined digest, or an index around it, or an image in it. */
export interface WorkloadHit {
  readonly svc: string;
  readonly digest: Digest;
  /** `prod:stable`, or `runs in prod (stable) at http://…`. */
  readonly where: string;
  /** A channel of prod, or running there. */
  readonly prod: boolean;
}

export interface QuarantineHits {
  readonly hits: readonly WorkloadHit[];
  /** More than are told. */
  readonly more: number;
  /** What could not be asked, a sentence each. */
  readonly unknown: readonly string[];
}
