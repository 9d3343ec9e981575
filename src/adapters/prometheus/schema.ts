import { z } from 'zod';

/** HTTP API v1, "Instant queries": vector and scalar results, values as text. */
export const QueryAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })).max(1_000),
  }),
});

export const QueryProblem = z.object({ status: z.literal('error'), error: z.string() });

/** HTTP API v1, "Range queries". A moment without a value has no point. */
export const RangeAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z
      .array(z.object({ values: z.array(z.tuple([z.number(), z.string()])).max(11_000) }))
      .max(1_000),
  }),
});
