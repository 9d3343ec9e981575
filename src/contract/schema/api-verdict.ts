import { z } from 'zod';
import { RELEASE_OUTCOMES, RELEASE_STAGES } from '../../domain/release';
import { GATES, VERDICT_OUTCOMES } from '../../domain/verdict';
import type { WhatIfRules as Rules } from '../../domain/what-if';

export const ListVerdictsQuery = z.object({
  gate: z.enum(GATES).optional(),
  /** Every answer of every run, newest first and without evidence; else the standing ones of the newest run. */
  all: z.stringbool().default(false),
});

export const VerdictRecord = z.object({
  gate: z.enum(GATES),
  subject: z.string(),
  outcome: z.enum(VERDICT_OUTCOMES),
  reasons: z.array(z.string()).readonly(),
  policyHash: z.string(),
  at: z.string(),
  runId: z.string(),
  /** How often this gate and subject got another answer in the run; 1 in a list of all. */
  judged: z.int(),
  /** As recorded; null in a list of all. */
  evidence: z.unknown(),
});
export type VerdictRecord = z.infer<typeof VerdictRecord>;

export const VerdictList = z.object({
  releaseId: z.string(),
  svc: z.string(),
  repository: z.string(),
  digest: z.string().optional(),
  stage: z.enum(RELEASE_STAGES),
  outcome: z.enum(RELEASE_OUTCOMES).optional(),
  verdicts: z.array(VerdictRecord).readonly(),
});
export type VerdictList = z.infer<typeof VerdictList>;

const Guardrails = z.strictObject({
  maxErrorRatio: z.number().min(0).max(1).exactOptional(),
  maxP95Ms: z.number().positive().exactOptional(),
  minRequests: z.int().min(1).exactOptional(),
});

const Judge = z.strictObject({
  minSamples: z.int().min(1).max(100_000).exactOptional(),
  falseAlarmRate: z.number().gt(0).lt(1).exactOptional(),
  errors: z
    .strictObject({ minDifference: z.number().min(0).max(1) })
    .nullable()
    .exactOptional(),
  metrics: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(255),
        query: z.string().min(1).max(16_384),
        worseWhen: z.enum(['higher', 'lower', 'different']),
        minEffect: z.number().min(0),
      }),
    )
    .max(50)
    .exactOptional(),
});

/** What of a policy or a plan stored windows can be judged by. */
const WhatIfRules = z.strictObject({
  canary: Guardrails,
  observation: Guardrails,
  judge: Judge,
}) satisfies z.ZodType<Rules>;

export const MAX_WHAT_IF_RELEASES = 500;

export const WhatIfRequest = z.object({
  rules: WhatIfRules,
  days: z.int().min(1).max(366),
  svc: z.string().min(1).max(63).optional(),
});

export const WhatIfChange = z.object({
  releaseId: z.string(),
  /** How it ended. */
  was: z.enum(RELEASE_OUTCOMES),
  change: z.enum(['stopped', 'goes-on', 'unknown']),
  /** Gate and subject where the ways part. */
  window: z.string(),
  why: z.string(),
});
export type WhatIfChange = z.infer<typeof WhatIfChange>;

export const WhatIfAnswer = z.object({
  since: z.string(),
  /** Releases that were judged again: those asked for since then that have ended. */
  releases: z.int(),
  /** There are more releases in this time than are judged at once, 500 or 30 s; these are the newest. */
  truncated: z.boolean(),
  summary: z.object({
    unchanged: z.int(),
    stopped: z.int(),
    goesOn: z.int(),
    unknown: z.int(),
  }),
  changes: z.array(WhatIfChange).readonly(),
  /** What could not be judged again, for all of them. */
  notes: z.array(z.string()).readonly(),
});
export type WhatIfAnswer = z.infer<typeof WhatIfAnswer>;
