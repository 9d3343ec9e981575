import { z } from 'zod';
import { isRepositoryName } from '../../domain/registry/repository-class';
import { Reason } from './api-release';
import { Schedule } from './api-schedule';

const Count = z.int().nonnegative();
const Bytes = z.number().nonnegative();
const Repository = z
  .string()
  .refine(isRepositoryName, 'is not a repository name, such as apps/checkout/checkout');
const PlanId = z
  .string()
  .regex(/^gc-[0-9a-f]{32}$/, 'is not the id of a plan, gc- and 32 hex digits');

const Totals = z.object({
  repositories: Count,
  manifests: Count,
  tags: Count,
  blobs: Count,
  deleteTags: Count,
  deleteManifests: Count,
  freeBlobs: Count,
  freeBytes: Bytes,
  /** Blobs that no manifest names: they go with the next reclaim, plan or not. */
  orphanBlobs: Count,
  orphanBytes: Bytes,
});

const Rule = z.enum([
  'window-passed',
  'inactive',
  'unreferenced',
  'orphaned-referrer',
  'orphaned-fallback-tag',
]);

export const GcPlanView = z.object({
  /** Of all that it deletes, in order; what is approved and run. */
  id: z.string(),
  /** Null: all of the registry. */
  repository: z.string().nullable(),
  policyHash: z.string(),
  madeAt: z.string(),
  madeBy: z.string(),
  /** Not run after that. */
  expiresAt: z.string(),
  state: z.enum(['ready', 'over-budget', 'running', 'done', 'stopped', 'expired', 'superseded']),
  totals: Totals,
  /** Where it is over the policy's budget; it then needs an approval. */
  breaches: z
    .array(
      z.object({
        rule: z.string(),
        repository: z.string().nullable(),
        found: z.number(),
        limit: z.number(),
        why: z.string(),
      }),
    )
    .readonly(),
  /** Kept because something is not known; the first 100. */
  unknown: z.array(z.string()).readonly(),
  unknownCount: Count,
  approval: z.object({ by: z.string(), reason: z.string(), at: z.string() }).nullable(),
  /** Workflow that runs it, or ran it. */
  runId: z.string().nullable(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  settled: z.object({ deleted: Count, skipped: Count, failed: Count, bytes: Bytes }),
});
export type GcPlanView = z.infer<typeof GcPlanView>;

export const GcPlanDetail = GcPlanView.extend({
  /** By repository and rule, what frees most first; at most 200. */
  groups: z
    .array(
      z.object({ repository: z.string(), rule: Rule, tags: Count, manifests: Count, bytes: Bytes }),
    )
    .readonly(),
  /** It may be run now. Else why not. */
  blockedBy: z.string().nullable(),
});
export type GcPlanDetail = z.infer<typeof GcPlanDetail>;

const Item = z.object({
  ordinal: Count,
  kind: z.enum(['tag', 'manifest']),
  repository: z.string(),
  tag: z.string().nullable(),
  digest: z.string(),
  rule: Rule,
  /** The facts behind the rule. */
  evidence: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  /** What comes free by it, once all before it are done. */
  bytes: Bytes,
});
export type GcItemView = z.infer<typeof Item>;

export const GcItemList = z.object({
  items: z
    .array(
      Item.extend({
        outcome: z
          .object({
            outcome: z.enum(['deleted', 'skipped', 'failed']),
            reason: z.string().nullable(),
            at: z.string(),
          })
          .nullable(),
      }),
    )
    .readonly(),
  /** Give it as `from` for the next page; null at the end. */
  next: Count.nullable(),
});
export type GcItemList = z.infer<typeof GcItemList>;

export const GcItemQuery = z.object({
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export const GcPlanParams = z.object({ id: PlanId });

export const GcRequest = z.strictObject({
  /** Without it all of the registry. */
  repo: Repository.optional(),
  /** False: the plan is run where it is within budget and a person approved one before. */
  dry_run: z.boolean().default(true),
});

export const GcStarted = z.object({
  started: z.boolean(),
  /** Workflow that was under way already. */
  running: z.string().nullable(),
});
export type GcStarted = z.infer<typeof GcStarted>;

export const GcPlanningQuery = z.object({ repo: Repository.optional() });

export const GcPlanningView = z.object({
  /** Null: nobody asked for a plan of it lately. */
  planning: z
    .object({
      workflowId: z.string(),
      running: z.boolean(),
      /** What it does now. */
      progress: z.string().nullable(),
      report: z
        .object({
          startedAt: z.string(),
          endedAt: z.string().nullable(),
          outcome: z.enum(['reported', 'nothing', 'waits', 'started', 'failed']).nullable(),
          plan: z.object({ id: z.string() }).nullable(),
          reason: z.string().nullable(),
          runWorkflowId: z.string().nullable(),
        })
        .nullable(),
    })
    .nullable(),
});
export type GcPlanningView = z.infer<typeof GcPlanningView>;

export const GcPlansQuery = z.object({
  repo: Repository.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

export const GcPlanList = z.object({
  /** Of the weekly plan; null when no worker has made it yet. */
  schedule: Schedule.nullable(),
  plans: z.array(GcPlanView).readonly(),
});
export type GcPlanList = z.infer<typeof GcPlanList>;

export const GcApproval = z.strictObject({ reason: Reason });
export const GcRunRequest = z.strictObject({});

export const GcExplainQuery = z.object({
  /** `{repository}:{tag}` or `{repository}@{digest}`. */
  ref: z.string().min(1).max(512),
});

export const GcExplanation = z.object({
  repository: z.string(),
  reference: z.string(),
  /** absent: the inventory has no such thing. */
  outcome: z.enum(['keep', 'delete', 'absent']),
  digest: z.string().nullable(),
  /** From what keeps it to itself. */
  chain: z
    .array(z.object({ tag: z.string().nullable(), digest: z.string(), why: z.string() }))
    .readonly(),
  /** Of a plan of the whole registry: what deletes it. */
  items: z.array(Item).readonly(),
});
export type GcExplanation = z.infer<typeof GcExplanation>;

export const GcDiffRequest = z.strictObject({
  /** As its file says it: a whole policy, or only what of `retention` differs from the one in force. */
  policy: z.record(z.string(), z.unknown()),
  repo: Repository.optional(),
});

const Flips = z.object({
  tags: Count,
  manifests: Count,
  bytes: Bytes,
  flips: z
    .array(
      z.object({
        kind: z.enum(['tag', 'manifest']),
        repository: z.string(),
        tag: z.string().nullable(),
        digest: z.string(),
        rule: Rule,
      }),
    )
    .readonly(),
});
export type GcFlipsView = z.infer<typeof Flips>;

/** Of each direction the first 500. */
export const GcDiffView = z.object({ deletes: Flips, keeps: Flips });
export type GcDiffView = z.infer<typeof GcDiffView>;
