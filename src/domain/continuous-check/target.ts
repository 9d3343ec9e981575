import type { Digest } from '../digest';
import { isFailedVerification, isUnknown, type CheckFinding } from './finding';

/** What there is to roll back to. */
export type TargetLook =
  /** It was checked just now, as what runs is. `doubt`: what has lapsed of it; absent: nothing. */
  | { readonly kind: 'verified'; readonly digest: Digest; readonly doubt?: string }
  /** `othersFail`: there were some, and none passed, which is hardly a matter of the images. */
  | { readonly kind: 'none'; readonly reason: string; readonly othersFail: boolean }
  /** The newest that may do could not be checked. */
  | { readonly kind: 'unknown'; readonly reason: string };

export type TargetVerdict =
  | { readonly kind: 'verified' }
  /** It may do where no other is any better: admission may not let it start anew. */
  | { readonly kind: 'doubtful' | 'refused' | 'unknown'; readonly reason: string };

/**
 * Whether a former stable digest may come back. Where what is wrong with the present one is a vulnerability, only a fresh scan
 * says that the older one is any better.
 */
export function judgeTarget(
  findings: readonly CheckFinding[],
  { forCve }: { readonly forCve: boolean },
): TargetVerdict {
  const bad = findings.find(
    (finding) =>
      isFailedVerification(finding) ||
      finding.check === 'quarantine' ||
      (forCve && finding.check === 'cve' && finding.result === 'doubtful'),
  );
  if (bad) return { kind: 'refused', reason: bad.reason };
  const unknown = findings.find(isUnknown);
  if (unknown) return { kind: 'unknown', reason: unknown.reason };
  const [lapsed] = findings.filter(({ result }) => result === 'doubtful');
  return lapsed ? { kind: 'doubtful', reason: lapsed.reason } : { kind: 'verified' };
}
