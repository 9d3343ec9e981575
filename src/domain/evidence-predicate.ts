import type { Digest } from './digest';
import type { StandingVerdict } from './evidence-record';
import type { Gate, Json, VerdictOutcome } from './verdict';

/** in-toto predicate type of the verdicts of a release (docs/evidence.md). */
export const VERDICTS_PREDICATE_TYPE = 'https://plura.dev/attestations/verdicts/v1';

/** Reasons of one verdict and characters of one reason: what a build printed can be long. */
const MAX_REASONS = 50;
const MAX_CHARS = 2_000;

export interface AttestedVerdict {
  readonly gate: Gate;
  readonly subject: string;
  readonly outcome: VerdictOutcome;
  readonly reasons: readonly string[];
  readonly policyHash: string;
  /** RFC 3339. */
  readonly at: string;
  readonly evidence: Json;
}

/** Why a digest was let through. A signature names no repository: this does, and its readers check it. */
export interface VerdictsPredicate {
  readonly release: {
    readonly id: string;
    readonly svc: string;
    readonly repository: string;
    readonly version: string;
    readonly revision: string;
    readonly runId: string;
  };
  readonly digest: Digest;
  /** One a gate and subject, in the order they were given. */
  readonly verdicts: readonly AttestedVerdict[];
}

interface PredicateInput extends Omit<VerdictsPredicate, 'verdicts'> {
  readonly verdicts: readonly StandingVerdict[];
}

/** The same verdicts make the same predicate, whenever it is built: an activity made again signs nothing twice. */
export function buildVerdictsPredicate({
  release,
  digest,
  verdicts,
}: PredicateInput): VerdictsPredicate {
  return {
    release,
    digest,
    verdicts: verdicts.map(({ verdict, policyHash, at }) => ({
      gate: verdict.gate,
      subject: verdict.subject,
      outcome: verdict.outcome,
      reasons: verdict.reasons.slice(0, MAX_REASONS).map((reason) => reason.slice(0, MAX_CHARS)),
      policyHash,
      at,
      evidence: verdict.evidence,
    })),
  };
}
