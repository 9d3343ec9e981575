import { z } from 'zod';
import { Reason } from './api-release';
import { digestText } from './oci-manifest';

const Count = z.int().nonnegative();

export const GcRunParams = z.object({ id: z.string().regex(/^gc-[0-9a-f]{32}$/) });

export const GcRunQuery = z.object({
  /** Without it the newest plan that runs or ran. */
  plan: z
    .string()
    .regex(/^gc-[0-9a-f]{32}$/)
    .optional(),
});

export const GcRunView = z.object({
  planId: z.string(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** Null while it runs. */
  outcome: z.enum(['done', 'stopped', 'refused']).nullable(),
  reason: z.string().nullable(),
  paused: z.boolean(),
  counts: z.object({ deleted: Count, skipped: Count, failed: Count, bytes: Count }),
  /** Items of the plan, and the ordinal of the next. */
  items: Count,
  next: Count,
  /** How often each reason kept an item after all. */
  skips: z.record(z.string(), Count),
  errors: z.array(z.string()).readonly(),
  /** What becomes of the disk by itself, a sentence. */
  reclaim: z.string().exactOptional(),
});
export type GcRunView = z.infer<typeof GcRunView>;

export const GcOrderRequest = z.strictObject({ reason: Reason });

export const GcRestoreRequest = z.strictObject({
  repository: z.string().min(1).max(255),
  digest: digestText,
});

export const GcRestoreView = z.object({
  repository: z.string(),
  restored: z.array(z.string()).readonly(),
  tags: z.array(z.string()).readonly(),
  /** Point at something else by now. */
  tagsTaken: z.array(z.string()).readonly(),
});
export type GcRestoreView = z.infer<typeof GcRestoreView>;

export const TombstoneQuery = z.object({
  repository: z.string().min(1).max(255).optional(),
  state: z.enum(['buried', 'restored', 'reclaimed']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const Tombstone = z.object({
  repository: z.string(),
  digest: z.string(),
  mediaType: z.string(),
  size: Count,
  tags: z.array(z.string()).readonly(),
  planId: z.string(),
  deletedAt: z.string(),
  state: z.enum(['buried', 'restored', 'reclaimed']),
  stateAt: z.string(),
  stateBy: z.string(),
});
export type TombstoneView = z.infer<typeof Tombstone>;

export const TombstoneList = z.object({ tombstones: z.array(Tombstone).readonly() });

const Reclaim = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  /** `gc_reclaim_bytes`: by the plans, and measured where it could be. */
  plannedBytes: Count,
  beforeBytes: Count.nullable(),
  afterBytes: Count.nullable(),
  blobs: Count.nullable(),
  closedAt: z.string().nullable(),
  openedAt: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  reason: z.string().nullable(),
});
export type ReclaimView = z.infer<typeof Reclaim>;

export const ReclaimList = z.object({
  running: z.boolean(),
  reclaims: z.array(Reclaim).readonly(),
});
export type ReclaimList = z.infer<typeof ReclaimList>;

export const ReclaimAnswer = z.object({ started: z.boolean() });
export const ReclaimStopped = z.object({ stopped: z.boolean() });
