import { z } from 'zod';

/** RFC 9457 problem details with our extension members. Media type `application/problem+json`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  /** The input that is at fault, when one is. */
  field: z.string().optional(),
  /** What to do about it. */
  remedy: z.string().optional(),
  retryable: z.boolean(),
  details: z.record(z.string(), z.unknown()).optional(),
  requestId: z.string(),
});
export type Problem = z.infer<typeof Problem>;
