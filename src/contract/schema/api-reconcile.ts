import { z } from 'zod';
import { scheduleView } from './api-schedule';

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

export const ReconcileView = scheduleView(Report);
export type ReconcileView = z.infer<typeof ReconcileView>;
