import { z } from 'zod';
import { DATABASE_KINDS } from '../../domain/advisories/database-mirror';
import { scheduleView } from './api-schedule';

const Kind = z.enum(DATABASE_KINDS);
const Age = z.enum(['fresh', 'ageing', 'stale']);
const Outcome = z.enum(['mirrored', 'unchanged', 'refused', 'failed']);

const Report = z.object({
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  outcome: Outcome.nullable(),
  lines: z
    .array(
      z.object({
        kind: Kind,
        outcome: Outcome,
        reason: z.string().nullable(),
        updatedAt: z.string().nullable(),
        age: Age.nullable(),
      }),
    )
    .readonly(),
  watchStarted: z.boolean(),
});

const MirroredView = z.object({
  kind: Kind,
  repository: z.string(),
  /** Of the manifest. */
  digest: z.string(),
  /** Of the file, as it stands in verdicts. */
  fileDigest: z.string(),
  bytes: z.number(),
  updatedAt: z.string(),
  ageMs: z.number(),
  age: Age,
  /** Whether the mirror has it with a signature that counts; null: it could not be asked. */
  signed: z.boolean().nullable(),
  source: z.string(),
  mirroredAt: z.string(),
});
export type MirroredView = z.infer<typeof MirroredView>;

export const DatabaseView = scheduleView(Report).extend({
  /** The newest of each kind. */
  databases: z.array(MirroredView).readonly(),
  /** What the component index was matched with last; null: it never was. */
  matched: z.object({ digest: z.string(), updatedAt: z.string() }).nullable(),
  /** By the policy: scans don't believe an older one. */
  maxAgeMs: z.number(),
});
export type DatabaseView = z.infer<typeof DatabaseView>;
