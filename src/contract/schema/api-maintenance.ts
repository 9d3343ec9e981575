import { z } from 'zod';
import { Reason } from './api-release';

const DAY_MS = 86_400_000;

export const MaintenanceRequest = z.strictObject({
  pushes: z.enum(['open', 'closed']),
  reason: Reason,
  /** Milliseconds; pushes open again by themselves after that. Without it they stay closed until opened. */
  forMs: z
    .int()
    .min(1000)
    .max(7 * DAY_MS)
    .optional(),
});

export const MaintenanceView = z.object({
  pushes: z.enum(['open', 'closed']),
  reason: z.string(),
  by: z.string(),
  since: z.string(),
  until: z.string().nullable(),
});
export type MaintenanceView = z.infer<typeof MaintenanceView>;
