import { z } from 'zod';
import { canonicalAdvisoryId } from '../../domain/advisories/advisory-id';
import { isServiceName } from '../../domain/reference';
import { Reason } from './api-release';
import { Schedule } from './api-schedule';

const Count = z.int().nonnegative();
const Time = z.string().nullable();
const Svc = z
  .string()
  .max(63)
  .refine(isServiceName, 'is not a name of a service: lower-case letters, digits, . _ -');

const Cause = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('monthly') }),
  z.object({ kind: z.literal('asked'), by: z.string(), reason: z.string() }),
  z.object({
    kind: z.literal('emergency'),
    advisory: z.string(),
    by: z.string().exactOptional(),
  }),
]);

const Task = z.object({
  svc: z.string(),
  owner: z.string(),
  digest: z.string(),
  wave: Count,
  state: z.enum([
    'waiting',
    'building',
    'promoting',
    'released',
    'unchanged',
    'failed',
    'held',
    'opted-out',
    'not-rebuildable',
  ]),
  reason: z.string(),
  releaseId: z.string().nullable(),
  version: z.string().nullable(),
  moves: z
    .array(
      z.object({
        repository: z.string(),
        from: z.string(),
        fromTag: z.string().nullable(),
        to: z.string(),
        toTag: z.string(),
      }),
    )
    .readonly(),
  source: z.object({ path: z.string(), version: z.string(), revision: z.string() }).nullable(),
  attempt: Count,
  retryAt: Time,
  rebuilt: z.string().nullable(),
  fixed: z.array(z.string()).readonly(),
  startedAt: Time,
  endedAt: Time,
});

/** Domain `RollupReport`. */
export const RollupView = z.object({
  id: z.string(),
  cause: Cause,
  startedAt: z.string(),
  endedAt: Time,
  outcome: z.enum(['done', 'held', 'cancelled', 'planned']).nullable(),
  reason: z.string().nullable(),
  paused: z.boolean(),
  stopped: z.enum(['condition', 'cancelled']).nullable(),
  wave: Count,
  soakUntil: Time,
  waves: z
    .array(z.object({ number: Count, size: Count, startedAt: Time, endedAt: Time }))
    .readonly(),
  current: Count,
  tasks: z.array(Task).readonly(),
  notes: z.array(z.string()).readonly(),
});
export type RollupView = z.infer<typeof RollupView>;

const Services = z.array(Svc).min(1).max(1000);

export const RollupPlanRequest = z.strictObject({
  /** Every service on an older base without it. */
  services: Services.optional(),
  /** As an emergency because of it: faster, and opt-outs count as the policy says. */
  advisory: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/)
    .overwrite(canonicalAdvisoryId)
    .optional(),
});

export const RollupRequest = RollupPlanRequest.extend({ reason: Reason });

export const RollupStarted = z.object({
  id: z.string(),
  /** False: the same request has started it before. */
  started: z.boolean(),
});
export type RollupStarted = z.infer<typeof RollupStarted>;

export const RollupParams = z.object({ id: z.string().regex(/^[\w.:-]{1,128}$/) });

export const RollupOrderRequest = z.strictObject({ reason: Reason });

export const RollupQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

export const RollupList = z.object({
  schedule: Schedule.nullable(),
  /** Newest first; their services one by one: ask for the rollup. */
  rollups: z
    .array(
      RollupView.omit({ tasks: true }).extend({
        counts: z.record(Task.shape.state, Count),
      }),
    )
    .readonly(),
});
export type RollupList = z.infer<typeof RollupList>;

export const OptOutRequest = z.strictObject({
  svc: Svc,
  reason: Reason,
  /** RFC 3339, or a day: then its end in UTC. */
  until: z.string().min(1).max(40),
});

const OptOut = z.object({
  svc: z.string(),
  reason: z.string(),
  until: z.string(),
  by: z.string(),
  at: z.string(),
});
export type OptOutView = z.infer<typeof OptOut>;
export const OptOutView = OptOut;

export const OptOutList = z.object({ optOuts: z.array(OptOut).readonly() });

export const OptOutParams = z.object({ svc: Svc });
export const RemoveOptOutRequest = z.strictObject({ reason: Reason });
export const OptOutRemoved = z.object({ svc: z.string(), removed: z.literal(true) });
