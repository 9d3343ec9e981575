import { z } from 'zod';
import { PlanProblem } from './api-promotion';
import { Reason } from './api-release';

export const RollbackRequest = z.strictObject({
  repo: z.string().trim().min(1).max(300),
  /** `prod:stable`, or `prod:stable@sha256:…` for a named digest that was stable before. */
  to: z.string().trim().min(1).max(300).default('prod:stable'),
  /** Secret of a revert key; excludes a digest in `to`. */
  revertKey: z.string().trim().min(1).max(200).optional(),
  reason: Reason,
  plan: z.boolean().default(false),
});
export type RollbackRequest = z.output<typeof RollbackRequest>;

export const RollbackAnswer = z.object({
  svc: z.string(),
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  /** From request to channel re-read and traffic moved. */
  durationMs: z.number(),
  preempted: z.string().nullable(),
  held: z.boolean(),
});
export type RollbackAnswer = z.infer<typeof RollbackAnswer>;

export const RollbackPlan = z.object({
  svc: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** The release that would be ended for it. */
  preempts: z.string().nullable(),
  holdsLane: z.boolean(),
  possible: z.boolean(),
  problems: z.array(PlanProblem).readonly(),
});
export type RollbackPlan = z.infer<typeof RollbackPlan>;
