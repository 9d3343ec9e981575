import { z } from 'zod';

/** batch/v1 Job, as far as its end is looked for. */
export const JobAnswer = z.object({
  metadata: z.object({ uid: z.string(), resourceVersion: z.string() }),
  status: z
    .object({
      active: z.int().optional(),
      succeeded: z.int().optional(),
      failed: z.int().optional(),
    })
    .optional(),
});

export const PodNames = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }) })),
});
