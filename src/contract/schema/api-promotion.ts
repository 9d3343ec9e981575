import { z } from 'zod';
import { PlanFile } from './plan';
import { RELEASE_STAGES } from '../../domain/release';
import { EdgeView } from './api-freeze';
import { Origin } from './api-release';

/**
 * Names are checked by the handler, not here, so that each refusal has its own code
 * (`LATEST_REFUSED`, `UNKNOWN_SERVICE`, …) and names its field.
 */
const Name = z.string().trim().min(1).max(300);

/** It becomes a label, and stands in messages: one line of text. */
const Author = z
  .string()
  .trim()
  .min(1)
  .max(320)
  .regex(/^\P{Cc}+$/u, 'must hold no control characters');

const Source = z.object({
  /** Folder with the Dockerfile, relative to the source root of the API. */
  path: Name,
  /** Semantic version without build metadata. */
  version: Name,
  /** Commit the folder was taken from, 7 to 40 hex digits. */
  revision: Name,
  /** Who wrote the commit: an e-mail address, a name, or `Rita <rita@example.com>`. It may not approve, beside whom git names; nothing proves that it is true. */
  author: Author.exactOptional(),
});

export const PromoteRequest = z.strictObject({
  /** `apps/{svc}/{name}`. */
  repo: Name,
  /** A channel that must hold `digest` now, e.g. `dev:candidate`. */
  from: Name.optional(),
  to: Name.default('prod:stable'),
  digest: Name.optional(),
  source: Source.optional(),
  /** A plan file: how this release is tried out and judged, over the service's plan and the policy. */
  canaryPlan: PlanFile.optional(),
  /** True: say what would happen, do nothing. */
  plan: z.boolean().default(false),
});
export type PromoteRequest = z.output<typeof PromoteRequest>;

export const PlanQuery = z.object({ plan: z.enum(['0', '1', 'true', 'false']).optional() });

export const PromoteAnswer = z.object({
  releaseId: z.string(),
  workflowId: z.string(),
  /** True when this version or digest is under way or released already; nothing new was started. */
  existing: z.boolean(),
  /** 1 = runs now; null when it has ended. */
  place: z.int().nullable(),
  superseded: z.array(z.string()).readonly(),
  /** When this request was taken: a status that ended before it is of an earlier run. */
  requestedAt: z.string(),
  statusUrl: z.string(),
  webUiUrl: z.string(),
});
export type PromoteAnswer = z.infer<typeof PromoteAnswer>;

export const PlanProblem = z.object({
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
  remedy: z.string().optional(),
});

const PlanStage = z.object({
  stage: z.enum(RELEASE_STAGES),
  title: z.string(),
  /** Least time by policy; null where the work decides (a build). */
  durationMs: z.int().nullable(),
  /** Longest time by policy, extensions included; null where none is set. */
  maxMs: z.int().nullable(),
  /** What can stop the release here. */
  gate: z.string().nullable(),
});
export type PlanStage = z.infer<typeof PlanStage>;

export const PromotionPlan = z.object({
  releaseId: z.string(),
  svc: z.string(),
  repository: z.string(),
  version: z.string(),
  revision: z.string(),
  digest: z.string().nullable(),
  origin: Origin,
  /** False when a problem would stop it at the edge. */
  possible: z.boolean(),
  /** Set when the answer would be an existing release. */
  existing: z.string().nullable(),
  stages: z.array(PlanStage).readonly(),
  approvals: z.object({
    required: z.boolean(),
    quorum: z.int(),
    roles: z.array(z.string()).readonly(),
    missing: z.int(),
    excluded: z.array(z.string()).readonly(),
  }),
  queue: z.object({
    /** 1 = runs at once; null when the lane would refuse it. */
    place: z.int().nullable(),
    running: z.string().nullable(),
    /** Waiting before it, the running one left out. */
    ahead: z.array(z.string()).readonly(),
    supersedes: z.array(z.string()).readonly(),
    hold: z.object({ by: z.string(), reason: z.string(), at: z.string() }).nullable(),
  }),
  channels: z.array(z.object({ channel: z.string(), digest: z.string().nullable() })).readonly(),
  /** Irreversible steps that are closed now: a release would wait there. */
  freezes: z.array(EdgeView).readonly(),
  /** Sum of the least times: it can't be done sooner once it runs. Waiting in the queue is not in it. */
  etaMs: z.int(),
  policyHash: z.string(),
  problems: z.array(PlanProblem).readonly(),
});
export type PromotionPlan = z.infer<typeof PromotionPlan>;
