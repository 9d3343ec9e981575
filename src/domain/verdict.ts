/**
 * A gate's recorded answer. `fail` = judged bad; `inconclusive` = not enough to judge;
 * `error` = could not measure. Only `pass` lets a release go on.
 */
export const VERDICT_OUTCOMES = ['pass', 'fail', 'inconclusive', 'error'] as const;
export type VerdictOutcome = (typeof VERDICT_OUTCOMES)[number];

export const GATES = [
  'build',
  'provenance',
  'sbom',
  'scan',
  'signature',
  'canary',
  'scenario',
  'observation',
  'approval',
  'preflight',
] as const;
export type Gate = (typeof GATES)[number];

/** JSON only: it is stored, hashed and shown. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Verdict {
  readonly gate: Gate;
  /** Distinguishes several verdicts of one gate in a release, e.g. `25%` or `extension 1`. */
  readonly subject: string;
  readonly outcome: VerdictOutcome;
  /** One sentence each, what a person needs to act on. Empty on a plain pass. */
  readonly reasons: readonly string[];
  readonly evidence: Json;
}
