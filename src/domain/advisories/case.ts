import type { Digest } from '../digest';
import type { ChannelName } from '../reference';
import type { AdvisorySeverity } from './advisory';

/** Where an advisory hits what matters. */
export interface AdvisoryHit {
  readonly advisory: string;
  readonly severity: AdvisorySeverity;
  readonly svc: string;
  readonly digest: Digest;
  /** Channels that point at it now; empty when it only runs or is kept. */
  readonly channels: readonly ChannelName[];
  /** Rollout targets or namespaces that run it, as people name them. */
  readonly running: readonly string[];
  readonly purl: string;
  readonly fixedVersion: string | null;
  /** RFC 3339: since when a channel points at it, the earliest. */
  readonly since: string | null;
}

/** An advisory with Critical or High on a stable digest, until nothing affected is in a channel or runs. */
export interface AdvisoryCase {
  readonly advisory: string;
  readonly severity: AdvisorySeverity;
  /** RFC 3339: when we learned of it, from which its clock runs. */
  readonly openedAt: string;
  /** RFC 3339: 24 to 72 hours later, by policy, and later by what a person added. */
  readonly dueAt: string;
  readonly closedAt: string | null;
}

/** What a person added to the clock; at most one a case. Times are RFC 3339. */
export interface CaseExtension {
  readonly dueAt: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

/** Why a vulnerability does no harm (OpenVEX 0.2.0, "Status Justifications"); exception: one was granted for it. */
export const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
  'exception',
] as const;
export type Justification = (typeof JUSTIFICATIONS)[number];

export type CaseResolution =
  /** Nothing affected was left in a channel or running. */
  | { readonly kind: 'replaced' }
  /** By newer databases it hits nothing of it any more, or nothing as Critical or High. */
  | { readonly kind: 'withdrawn' }
  /** By a person. */
  | {
      readonly kind: 'not-affected';
      readonly justification: Justification;
      readonly reason: string;
      readonly by: string;
      /** RFC 3339: what was dismissed opens a case again after that; null: it never does. */
      readonly until: string | null;
    };

/** Something affected that is not gone. */
export interface AffectedPlace {
  readonly svc: string;
  readonly digest: Digest;
  /** `prod:stable`, or `runs in prod (stable) at http://…`. */
  readonly where: string;
  /** A channel of prod, or running there. */
  readonly prod: boolean;
}

/** Whether digests that a case hits can be pulled. */
export interface CasePulls {
  /**
   * How long those can be that can: until their successor is out; until then or until the case is due; no longer, and it could not
   * be done; for ever, since the policy cuts nothing off.
   */
  readonly until: 'replaced' | 'due' | 'cut' | 'always';
  /** Those that can: neither has the case cut them off, nor are they under quarantine by somebody else. */
  readonly open: number;
  /** Those that the case has cut off. */
  readonly cutOff: number;
  /** RFC 3339: when it did the last of these; null: none. */
  readonly cutAt: string | null;
}

/** What was found when the case was last looked at. */
export interface CaseLook {
  /** RFC 3339. */
  readonly at: string;
  readonly affected: readonly AffectedPlace[];
  /** Places that are not listed. */
  readonly more: number;
  /** What could not be asked, a sentence each. */
  readonly unknown: readonly string[];
  /**
   * Where something is that the component index was not matched for, so that it may be hit: `shop prod:stable: sha256:…`. Asked after
   * when nothing else is left; absent: nothing is so.
   */
  readonly unmatched?: readonly string[];
  /** What only a person can do, a sentence each. */
  readonly todo: readonly string[];
  /** Absent: it could not be found out, or an older version looked. */
  readonly pulls?: CasePulls;
}

const ORDER: readonly AdvisorySeverity[] = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'];

/** The worse of two; what nobody rated is worse than nothing. */
export function worseSeverity(a: AdvisorySeverity, b: AdvisorySeverity): AdvisorySeverity {
  return ORDER.indexOf(a) <= ORDER.indexOf(b) ? a : b;
}

export function worstOf(hits: readonly Pick<AdvisoryHit, 'severity'>[]): AdvisorySeverity {
  return hits.map(({ severity }) => severity).reduce(worseSeverity, 'UNKNOWN');
}

/** An open case of which more is learned: never less severe, never due later. */
export function joinCases(held: AdvisoryCase, one: AdvisoryCase): AdvisoryCase {
  const dueAt = Date.parse(one.dueAt) < Date.parse(held.dueAt) ? one.dueAt : held.dueAt;
  const severity = worseSeverity(held.severity, one.severity);
  return severity === held.severity ? held : { ...held, severity, dueAt };
}
