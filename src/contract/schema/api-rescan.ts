import { z } from 'zod';
import { VERDICT_OUTCOMES } from '../../domain/verdict';

const Count = z.int().nonnegative();

const Report = z.object({
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  outcome: z.enum(['clean', 'bad', 'incomplete']).nullable(),
  /** When the advisories were collected that were last scanned with. */
  databaseAt: z.string().nullable(),
  counts: z.object({ looked: Count, scanned: Count, bad: Count, alarmed: Count, errors: Count }),
  found: z.array(z.string()).readonly(),
  errors: z.array(z.string()).readonly(),
});
export type RescanReportView = z.infer<typeof Report>;

const Run = z.object({ workflowId: z.string(), report: Report.nullable() });

const KeptImage = z.object({
  svc: z.string(),
  digest: z.string(),
  releaseId: z.string(),
  /** Channels, rollback-window, hold, grant. */
  kept: z.array(z.string()).readonly(),
  /** The newest verdict, of the release or of a rescan; null: it was never scanned. */
  scan: z
    .object({
      at: z.string(),
      outcome: z.enum(VERDICT_OUTCOMES),
      /** `sha256:` of the database. */
      database: z.string().nullable(),
      refused: z.array(z.string()).readonly(),
    })
    .nullable(),
});
export type KeptImageView = z.infer<typeof KeptImage>;

export const RescanQuery = z.object({
  /** A service, or `{repository}@{digest}` of one: then what is kept of it. */
  of: z.string().min(1).max(512).optional(),
});

export const RescanView = z.object({
  schedule: z
    .object({ paused: z.boolean(), note: z.string().nullable(), nextAt: z.string().nullable() })
    .nullable(),
  running: Run.nullable(),
  last: Run.nullable(),
  /** Longest unscanned first; null when nothing was named. */
  images: z.array(KeptImage).readonly().nullable(),
});
export type RescanView = z.infer<typeof RescanView>;

export const RunRescanRequest = z.strictObject({
  /** Scanned whether due or not; without it all that is kept and due. */
  of: z.string().min(1).max(512).optional(),
});

export const RunRescanAnswer = z.object({
  started: z.boolean(),
  /** Workflow of the run that was under way already. */
  running: z.string().nullable(),
});
export type RunRescanAnswer = z.infer<typeof RunRescanAnswer>;
