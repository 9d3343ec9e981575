import { z } from 'zod';
import { BREAKDOWNS } from '../../domain/accounting/figures';
import { STANDARD_METRICS } from '../../domain/accounting/standard';
import { isRepositoryName } from '../../domain/registry/repository-class';

const count = z.int().min(0);

export const MetricsQuery = z.object({
  repo: z
    .string()
    .refine(isRepositoryName, 'is not a repository name, such as apps/checkout/checkout')
    .optional(),
  by: z.enum(BREAKDOWNS).default('service'),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
});

export const MetricView = z.object({
  name: z.enum(STANDARD_METRICS),
  unit: z.string(),
  help: z.string(),
  /** Name of the label that its samples carry; null: there is one sample at most. */
  label: z.string().nullable(),
  /** None: it is not known, which is not 0. */
  samples: z.array(z.object({ label: z.string().nullable(), value: z.number() })).readonly(),
  /** What it was reckoned from: images, releases, rollbacks. */
  of: count.nullable(),
  target: z.union([z.object({ atLeast: z.number() }), z.object({ atMost: z.number() })]).nullable(),
  /** Null: it has no target, or is not known. */
  met: z.boolean().nullable(),
});
export type MetricView = z.infer<typeof MetricView>;

const Images = z.object({ '-': count, dev: count, stg: count, prod: count });
const DayTotal = z.object({ day: z.string(), storageBytes: count });
const Change = z
  .object({ from: DayTotal, to: DayTotal, bytes: z.int(), ratio: z.number().nullable() })
  .nullable();

export const StorageGroupView = z.object({
  name: z.string(),
  logicalBytes: count,
  uniqueBytes: count,
  sharedBytes: count,
  /** Null: there is no plan to read it from. */
  reclaimableBytes: count.nullable(),
  manifests: count,
  tags: count,
  contents: count,
  images: Images.nullable(),
  /** Of its unique bytes a month; null without prices. */
  monthlyCost: z.number().nullable(),
});
export type StorageGroupView = z.infer<typeof StorageGroupView>;

export const StorageView = z.object({
  day: z.string(),
  at: z.string(),
  totals: z.object({
    storageBytes: count,
    logicalBytes: count,
    reclaimableBytes: count.nullable(),
    repositories: count,
    manifests: count,
    tags: count,
    digests: count,
    contents: count,
    images: Images,
  }),
  growth: z.object({ day: Change, week: Change, month: Change }),
  goal: z.object({
    state: z.enum(['met', 'missed', 'not-enough-history']),
    ratio: z.number(),
    arithmetic: z.string(),
  }),
  /** Of all that is stored, a month; null without prices in the policy. */
  cost: z.object({ currency: z.string(), monthly: z.number(), perGbMonth: z.number() }).nullable(),
  by: z.enum(BREAKDOWNS),
  /** The largest first. */
  groups: z.array(StorageGroupView).readonly(),
  /** There are more groups than were asked for. */
  truncated: z.boolean(),
});
export type StorageView = z.infer<typeof StorageView>;

export const MetricsAnswer = z.object({
  at: z.string(),
  /** What events and times look back on. */
  windowDays: z.int(),
  /** Null: all of the registry. */
  repository: z.string().nullable(),
  metrics: z.array(MetricView).readonly(),
  /** Null: nothing was counted yet. */
  storage: StorageView.nullable(),
});
export type MetricsAnswer = z.infer<typeof MetricsAnswer>;
