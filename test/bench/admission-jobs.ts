import { z } from 'zod';

const Webhook = z.object({
  port: z.int(),
  /** PEM. */
  ca: z.string(),
});
export type Webhook = z.infer<typeof Webhook>;

const Images = z.array(z.string()).min(1).readonly();

/** What a load process is started for. Images are asked about in turn, each by its own pod. */
export const ReviewJob = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('latency'), webhook: Webhook, images: Images, rounds: z.int() }),
  z.object({
    kind: z.literal('rate'),
    webhook: Webhook,
    images: Images,
    connections: z.int(),
    ms: z.int(),
    /** Which core this client keeps to; null: any. */
    core: z.int().nullable(),
  }),
  z.object({
    kind: z.literal('mix'),
    webhook: Webhook,
    images: Images,
    connections: z.int(),
    reviews: z.int(),
    /** So many digests that nobody knows come in between, each once. */
    unknown: z.int(),
    /** `{host}/{repository}` of these. */
    unknownName: z.string(),
  }),
]);
export type ReviewJob = z.infer<typeof ReviewJob>;

export const ReviewResult = z.object({
  /** Milliseconds of each review, of `latency` alone. */
  ms: z.array(z.number()),
  reviews: z.int(),
  seconds: z.number(),
});
export type ReviewResult = z.infer<typeof ReviewResult>;
