import { z } from 'zod';

const Count = z.int().nonnegative();

const Report = z.object({
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  outcome: z.enum(['clean', 'drift', 'incomplete']).nullable(),
  counts: z.object({
    repositories: Count,
    tags: Count,
    manifests: Count,
    settled: Count,
    drift: Count,
    repaired: Count,
    around: Count,
    alarmed: Count,
    withheld: Count,
    errors: Count,
  }),
  at: z.string().nullable(),
  found: z.array(z.string()).readonly(),
  errors: z.array(z.string()).readonly(),
});
export type ReconcileReportView = z.infer<typeof Report>;

const Run = z.object({ workflowId: z.string(), report: Report.nullable() });

export const ReconcileView = z.object({
  schedule: z
    .object({ paused: z.boolean(), note: z.string().nullable(), nextAt: z.string().nullable() })
    .nullable(),
  running: Run.nullable(),
  last: Run.nullable(),
});
export type ReconcileView = z.infer<typeof ReconcileView>;

export const RunReconcileRequest = z.strictObject({});

export const RunReconcileAnswer = z.object({
  started: z.boolean(),
  /** Workflow of the run that was under way already. */
  running: z.string().nullable(),
});
export type RunReconcileAnswer = z.infer<typeof RunReconcileAnswer>;
