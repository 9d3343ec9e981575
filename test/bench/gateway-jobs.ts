import { z } from 'zod';

/** One of the two ways to the same bytes. */
const Side = z.object({ port: z.int(), authorization: z.string().nullable() });
export type Side = z.infer<typeof Side>;

/** What a load process is started for; it does that one thing, says what it saw and ends. */
export const LoadJob = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('latency'),
    method: z.enum(['GET', 'HEAD']),
    path: z.string(),
    direct: Side,
    through: Side,
    warmUp: z.int(),
    rounds: z.int(),
  }),
  z.object({
    kind: z.literal('download'),
    path: z.string(),
    direct: Side,
    through: Side,
    parallel: z.int(),
    rounds: z.int(),
  }),
  z.object({
    kind: z.literal('upload'),
    repository: z.string(),
    direct: Side,
    through: Side,
    megabytes: z.int(),
    parallel: z.int(),
    rounds: z.int(),
  }),
  z.object({
    kind: z.literal('rate'),
    path: z.string(),
    side: Side,
    connections: z.int(),
    ms: z.int(),
  }),
  z.object({
    kind: z.literal('race'),
    path: z.string(),
    contentType: z.string(),
    side: Side,
    /** One manifest a racer. */
    bodies: z.array(z.string()),
  }),
]);
export type LoadJob = z.infer<typeof LoadJob>;

export const LoadResult = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pairs'),
    /** Milliseconds, or MB/s: of the same round at the same place. */
    direct: z.array(z.number()),
    through: z.array(z.number()),
    /** Seconds of CPU and of the clock that this client took. */
    cpuSeconds: z.number(),
    seconds: z.number(),
  }),
  z.object({
    kind: z.literal('rate'),
    requests: z.int(),
    seconds: z.number(),
    cpuSeconds: z.number(),
  }),
  z.object({ kind: z.literal('race'), statuses: z.array(z.int()) }),
]);
export type LoadResult = z.infer<typeof LoadResult>;
