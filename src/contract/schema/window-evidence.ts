import { z } from 'zod';
import {
  WINDOW_EVIDENCE_LIMITS as LIMITS,
  WINDOW_EVIDENCE_TYPE,
  type ReadEvidence,
  type WindowEvidence as Evidence,
} from '../../domain/evidence';
import { VERDICT_OUTCOMES } from '../../domain/verdict';
import { digestText } from './oci-manifest';

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'] as const;

/** A number as JSON keeps it: what JSON has no word for is text. */
const StoredNumber = z.union([z.number(), z.enum(NON_FINITE).transform(Number)]);

const name = z.string().min(1).max(255);
const Outcome = z.enum(VERDICT_OUTCOMES);

const Measurement = z.object({
  requests: StoredNumber,
  errors: StoredNumber,
  p95Ms: StoredNumber.nullable(),
  freshnessMs: StoredNumber,
});

const StoredSeries = z.object({
  startMs: z.number(),
  stepMs: z.number(),
  values: z.array(StoredNumber.nullable()).max(LIMITS.samples),
});

const Track = z.object({
  measurement: Measurement,
  series: z
    .record(name, StoredSeries)
    .refine((series) => Object.keys(series).length <= LIMITS.metrics, 'has too many series'),
});

const StoredGuardrails = z.object({
  maxErrorRatio: z.number(),
  maxP95Ms: z.number(),
  minRequests: z.number(),
});

const Undecided = z.looseObject({ maxExtensions: z.number(), then: z.enum(['hold', 'fail']) });

/** Loose, as the input is: what a later version adds has to be there when it judges again. */
const StoredJudge = z.looseObject({
  sampleIntervalMs: z.number().positive(),
  minSamples: z.number(),
  falseAlarmRate: z.number(),
  errors: z.looseObject({ minDifference: z.number() }).nullable(),
  metrics: z
    .array(
      z.looseObject({
        name,
        query: z.string().max(LIMITS.exprChars),
        worseWhen: z.enum(['higher', 'lower', 'different']),
        minEffect: z.number(),
      }),
    )
    .max(LIMITS.metrics),
  added: z
    .array(name)
    .max(LIMITS.metrics + 1)
    .exactOptional(),
  power: z.looseObject({ detect: z.number().nullable(), maxLengthening: z.number() }),
  onInconclusive: Undecided,
  onError: Undecided,
});

/** Numbers beside words: a word that names no number stays one. */
const Arithmetic = z
  .record(name, z.union([StoredNumber, z.string().max(1_000), z.null()]))
  .refine((numbers) => Object.keys(numbers).length <= 100, 'has too many numbers');

const Reasons = z.array(z.string().max(2_000)).max(200);

const Answer = z.object({
  outcome: Outcome,
  reasons: Reasons,
  metrics: z
    .array(
      z.object({
        metric: name,
        outcome: Outcome,
        reason: z.string().max(2_000),
        numbers: Arithmetic,
      }),
    )
    // `errors` stands beside the compared metrics.
    .max(LIMITS.metrics + 10),
});

export const WindowEvidence = z.object({
  type: z.literal(WINDOW_EVIDENCE_TYPE),
  input: z.looseObject({
    judge: StoredJudge,
    guardrails: StoredGuardrails,
    windowMs: z.number(),
    look: z.number().exactOptional(),
    share: z.number().exactOptional(),
    candidate: Track,
    stable: Track.nullable(),
  }),
  answer: Answer,
  queries: z
    .array(
      z.object({
        metric: name,
        track: z.enum(['candidate', 'stable']),
        expr: z.string().max(LIMITS.exprChars),
      }),
    )
    .max(LIMITS.queries),
  policyHash: z.string().max(255),
  planHash: z.string().max(255).exactOptional(),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  countedFrom: z
    .object({
      candidate: z.iso.datetime({ offset: true }).exactOptional(),
      stable: z.iso.datetime({ offset: true }).exactOptional(),
    })
    .exactOptional(),
  digests: z.object({ candidate: digestText, stable: digestText.nullable() }),
}) satisfies z.ZodType<Evidence>;

const Typed = z.looseObject({ type: z.literal(WINDOW_EVIDENCE_TYPE) });

/** Evidence of windows as 0.1 and 0.2 kept it. */
const MeasuredOnly = Measurement.extend({
  limits: StoredGuardrails.extend({ staleAfterMs: z.number() }),
});

/** What a verdict's evidence can still be used for; never throws. */
export function readEvidence(evidence: unknown): ReadEvidence {
  if (Typed.safeParse(evidence).success) {
    const window = WindowEvidence.safeParse(evidence);
    if (window.success) return { kind: 'window', evidence: window.data };
    const [issue] = window.error.issues;
    const path = issue?.path.map(String).join('.') ?? '';
    return { kind: 'unreadable', why: `${path}: ${issue?.message ?? 'is not as it must be'}` };
  }
  const measured = MeasuredOnly.safeParse(evidence);
  if (!measured.success) return { kind: 'other' };
  const { limits, ...sample } = measured.data;
  const { staleAfterMs, ...guardrails } = limits;
  return { kind: 'measurement', sample, guardrails, staleAfterMs };
}
