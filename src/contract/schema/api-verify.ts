import { z } from 'zod';

export const VerifyQuery = z.object({
  /** `apps/{svc}/{name}`. */
  repo: z.string().min(1).max(300),
  digest: z.string().min(1).max(100).optional(),
  /** e.g. `prod:stable`, instead of a digest. */
  channel: z.string().min(1).max(30).optional(),
});

export const VerifyCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** What was found, or why it does not hold. */
  why: z.string(),
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
