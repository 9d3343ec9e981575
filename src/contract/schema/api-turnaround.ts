import { z } from 'zod';
import { TURNAROUND_PARTS } from '../../domain/turnaround';

export const MAX_TURNAROUND_RELEASES = 2_000;

export const TurnaroundQuery = z.object({
  svc: z.string().min(1).max(63).optional(),
  days: z.coerce.number().int().min(1).max(366).default(30),
});

const percentiles = { p50Ms: z.number(), p95Ms: z.number() };
const Part = z.enum(TURNAROUND_PARTS);

export const ServiceTurnaround = z.object({
  svc: z.string(),
  /** Releases that reached prod:stable: these are what is measured. */
  releases: z.int(),
  /** Releases that ended another way. */
  notReleased: z.int(),
  total: z.object(percentiles),
  parts: z.array(z.object({ part: Part, ...percentiles, share: z.number() })).readonly(),
  /** Where most of the time went. */
  topBlocker: Part.nullable(),
});
export type ServiceTurnaround = z.infer<typeof ServiceTurnaround>;

export const TurnaroundAnswer = z.object({
  since: z.string(),
  days: z.int(),
  /** There are more releases in this time than are read at once; these are the newest. */
  truncated: z.boolean(),
  services: z.array(ServiceTurnaround).readonly(),
});
export type TurnaroundAnswer = z.infer<typeof TurnaroundAnswer>;
