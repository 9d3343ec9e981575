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
  /** RFC 3339: 24 to 72 hours later, by policy. */
  readonly dueAt: string;
  readonly closedAt: string | null;
}
