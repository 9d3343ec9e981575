import { z } from 'zod';
import { Reason } from './api-release';

export const ServiceParams = z.object({ svc: z.string().min(1).max(63) });

const ChannelView = z.object({
  channel: z.string(),
  digest: z.string().nullable(),
  epoch: z.int(),
  releaseId: z.string().optional(),
  changedAt: z.string(),
  changedBy: z.string(),
});

const LaneEntryView = z.object({
  releaseId: z.string(),
  requestedBy: z.string(),
  requestedAt: z.string(),
});

export const LaneView = z.object({
  svc: z.string(),
  epoch: z.int(),
  running: LaneEntryView.nullable(),
  queued: z.array(LaneEntryView).readonly(),
  hold: z.object({ by: z.string(), reason: z.string(), at: z.string() }).nullable(),
  rollbackRunning: z.boolean(),
});
export type LaneView = z.infer<typeof LaneView>;

export const ServiceSummary = z.object({
  svc: z.string(),
  name: z.string(),
  repository: z.string(),
  owner: z.string(),
  region: z.string(),
  stable: z.string().nullable(),
});

export const ServiceList = z.object({ services: z.array(ServiceSummary) });
export type ServiceList = z.infer<typeof ServiceList>;

export const ServiceView = ServiceSummary.extend({
  channels: z.array(ChannelView).readonly(),
  /** Null when Temporal could not be asked; the rest is from the ledger. */
  lane: LaneView.nullable(),
  badDigests: z
    .array(z.object({ digest: z.string(), reason: z.string(), at: z.string(), actor: z.string() }))
    .readonly(),
});
export type ServiceView = z.infer<typeof ServiceView>;

export const HistoryQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(30),
});

export const HistoryAnswer = z.object({
  svc: z.string(),
  history: z
    .array(
      z.object({
        channel: z.string(),
        from: z.string().nullable(),
        to: z.string().nullable(),
        at: z.string(),
        actor: z.string(),
        reason: z.string(),
        releaseId: z.string().nullable(),
      }),
    )
    .readonly(),
});
export type HistoryAnswer = z.infer<typeof HistoryAnswer>;

export const HoldLaneRequest = z.object({ reason: Reason });

export const ReleaseDigestParams = z.object({ digest: z.string().min(1).max(100) });
export const ReleaseDigestRequest = z.object({ svc: z.string().min(1).max(63), reason: Reason });
export const ReleaseDigestAnswer = z.object({
  svc: z.string(),
  digest: z.string(),
  /** False when the digest was not remembered as bad. */
  released: z.boolean(),
});
export type ReleaseDigestAnswer = z.infer<typeof ReleaseDigestAnswer>;
