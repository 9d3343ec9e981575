import { z } from 'zod';
import { isDigest, type Digest } from '../../src/domain/digest';

/** What the worker of `npm run bench fleet` is started with, as JSON in FLEET_WORKER. */
export const FleetWorkerSettings = z.object({
  temporal: z.string(),
  database: z.string(),
  prometheus: z.string(),
  scrapeIntervalMs: z.int().positive(),
  maxActivities: z.int().positive(),
  bundle: z.string(),
});
export type FleetWorkerSettings = z.infer<typeof FleetWorkerSettings>;

const DigestText = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));

/** From the worker: it polls, or a candidate was given its share of prod's traffic. */
export const FleetMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('serving'), svc: z.string(), digest: DigestText }),
]);
export type FleetMessage = z.infer<typeof FleetMessage>;
