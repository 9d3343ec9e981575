import { z } from 'zod';
import { Duration } from './policy-duration';

export const ContinuousCheckFile = z.strictObject({
  rollbacks: z
    .strictObject({ max: z.int().min(0).max(10), within: Duration })
    .transform(({ max, within }) => ({ max, withinMs: within })),
  maxServices: z.int().min(1).max(100),
  alertAfter: z.int().min(1).max(1000),
});
