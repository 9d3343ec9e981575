import { z } from 'zod';

const Faults = z.array(z.object({ part: z.string(), message: z.string() })).readonly();
const Ms = z.number().nonnegative();

const DrillStepView = z.object({
  number: z.int().positive(),
  direction: z.enum(['back', 'forward']),
  from: z.string(),
  to: z.string(),
  /** What `to` lacked just before. */
  faults: Faults,
  requestedAt: z.string(),
  durationMs: Ms.nullable(),
  error: z.string().nullable(),
});

export const DrillReportView = z.object({
  id: z.string(),
  svc: z.string().nullable(),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  reasons: z.array(z.string()).readonly(),
  startedAt: z.string(),
  endedAt: z.string(),
  targetMs: Ms,
  /** Rollbacks that got through; the times are of these. */
  n: z.int().nonnegative(),
  p50Ms: Ms.nullable(),
  p95Ms: Ms.nullable(),
  maxMs: Ms.nullable(),
  complete: z.boolean().nullable(),
  steps: z.array(DrillStepView).readonly(),
});
export type DrillReportView = z.infer<typeof DrillReportView>;

export const DrillQuery = z.object({
  svc: z.string().min(1).max(63).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});

export const DrillList = z.object({
  /** Null when no worker has made the Schedule yet. */
  schedule: z
    .object({ paused: z.boolean(), note: z.string().nullable(), nextAt: z.string().nullable() })
    .nullable(),
  /** Workflow of the drill that is under way. */
  running: z.string().nullable(),
  reports: z.array(DrillReportView.omit({ steps: true })).readonly(),
});
export type DrillList = z.infer<typeof DrillList>;

export const DrillParams = z.object({ id: z.string().min(1).max(128) });

export const RunDrillRequest = z.strictObject({});

export const RunDrillAnswer = z.object({
  started: z.boolean(),
  /** Workflow of the drill that was under way already. */
  running: z.string().nullable(),
});
export type RunDrillAnswer = z.infer<typeof RunDrillAnswer>;

export const RollbackTargetList = z.object({
  targets: z
    .array(
      z.object({
        svc: z.string(),
        digest: z.string().nullable(),
        outcome: z.enum(['complete', 'incomplete', 'no-target']),
        faults: Faults,
        leaseUntil: z.string().nullable(),
        since: z.string(),
        checkedAt: z.string(),
      }),
    )
    .readonly(),
});
export type RollbackTargetList = z.infer<typeof RollbackTargetList>;
