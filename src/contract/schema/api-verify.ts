import { z } from 'zod';
import { GATES, VERDICT_OUTCOMES } from '../../domain/verdict';

export const VerifyQuery = z.object({
  /** `apps/{svc}/{name}`. */
  repo: z.string().min(1).max(300),
  digest: z.string().min(1).max(100).optional(),
  /** e.g. `prod:stable`, instead of a digest. */
  channel: z.string().min(1).max(30).optional(),
  /** Without an attestation of its verdicts an image does not hold; images of releases before there were any have none. */
  requireVerdicts: z.stringbool().default(false),
});

export const VerifyCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** What was found, or why it does not hold. */
  why: z.string(),
  /** What the signed verdicts say, in their order; of the check `evidence` only. */
  outcomes: z
    .array(
      z.object({ gate: z.enum(GATES), subject: z.string(), outcome: z.enum(VERDICT_OUTCOMES) }),
    )
    .readonly()
    .optional(),
});
export type VerifyCheck = z.infer<typeof VerifyCheck>;

export const VerifyAnswer = z.object({
  image: z.string(),
  svc: z.string(),
  digest: z.string(),
  channel: z.string().nullable(),
  ok: z.boolean(),
  checks: z.array(VerifyCheck).readonly(),
});
export type VerifyAnswer = z.infer<typeof VerifyAnswer>;
