import { z } from 'zod';

export const BaseUsageQuery = z.strictObject({
  /** A service, a base (`bases/static`, or its last part), or the digest of one; absent: every service. */
  of: z.string().min(1).max(300).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export type BaseUsageQuery = z.output<typeof BaseUsageQuery>;

/** Which images stand on which base, by their provenance. */
export const BaseUsage = z.object({
  uses: z
    .array(
      z.object({
        svc: z.string(),
        releaseId: z.string(),
        digest: z.string(),
        /** Whether it is `prod:stable` of its service. */
        stable: z.boolean(),
        base: z.object({ repository: z.string(), digest: z.string() }),
        standing: z.enum(['newest', 'old', 'withdrawn', 'unknown']),
      }),
    )
    .readonly(),
});
export type BaseUsage = z.infer<typeof BaseUsage>;
