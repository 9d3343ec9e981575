import { z } from 'zod';
import { RELEASE_OUTCOMES, RELEASE_STAGES } from '../../domain/release';
import { GATES, VERDICT_OUTCOMES } from '../../domain/verdict';

export const Origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('source'), path: z.string() }),
  z.object({ kind: z.literal('digest'), digest: z.string() }),
]);

const Step = z.object({
  stage: z.enum(RELEASE_STAGES),
  title: z.string(),
  state: z.enum(['running', 'done', 'failed', 'compensated', 'compensation-failed']),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  note: z.string().optional(),
});

const VerdictView = z.object({
  gate: z.enum(GATES),
  subject: z.string(),
  outcome: z.enum(VERDICT_OUTCOMES),
  reasons: z.array(z.string()).readonly(),
  evidence: z.unknown(),
});

const Approval = z.object({
  actor: z.string(),
  at: z.string(),
  via: z.enum(['api', 'signal']),
  comment: z.string().optional(),
});

const Authors = z.object({
  authors: z.array(z.object({ who: z.string(), from: z.string() })).readonly(),
  /** False: nothing that only this build writes names one. */
  known: z.boolean(),
});

const ReleaseSummary = z.object({
  releaseId: z.string(),
  svc: z.string(),
  version: z.string(),
  revision: z.string(),
  digest: z.string().optional(),
  stage: z.enum(RELEASE_STAGES),
  outcome: z.enum(RELEASE_OUTCOMES).optional(),
  reason: z.string().optional(),
  requestedBy: z.string(),
  requestedAt: z.string(),
  endedAt: z.string().optional(),
});

/** The whole of domain `ReleaseStatus`, with where to look at it. */
export const ReleaseView = ReleaseSummary.extend({
  repository: z.string(),
  origin: Origin,
  steps: z.array(Step).readonly(),
  verdicts: z.array(VerdictView).readonly(),
  approvals: z.array(Approval).readonly(),
  /** Who wrote the commit and so may not approve; once it is read. */
  authors: Authors.optional(),
  policyHash: z.string(),
  revertKeyId: z.string().optional(),
  workflowId: z.string(),
  webUiUrl: z.string(),
});
export type ReleaseView = z.infer<typeof ReleaseView>;

export const ReleaseList = z.object({ releases: z.array(ReleaseSummary) });
export type ReleaseList = z.infer<typeof ReleaseList>;

export const ReleaseParams = z.object({
  svc: z.string().min(1).max(63),
  tag: z.string().min(1).max(128),
});

export const ListReleasesQuery = z.object({
  svc: z.string().min(1).max(63).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/** It is shown in terminals and kept in Postgres: no control characters but tab and line break. */
export const Reason = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^(?:[\t\n]|\P{Cc})*$/u, 'must hold no control characters');

export const DecisionRequest = z.object({ reason: Reason });
/** An approval explains itself; a reason is welcome. */
export const ApproveRequest = z.object({ reason: Reason.default('approved') });

export const DecisionAnswer = z.object({
  releaseId: z.string(),
  accepted: z.literal(true),
  message: z.string(),
});
export type DecisionAnswer = z.infer<typeof DecisionAnswer>;

export const DecisionTokenRequest = z.object({ action: z.enum(['approve', 'abort']) });
export const DecisionTokenAnswer = z.object({
  releaseId: z.string(),
  action: z.enum(['approve', 'abort']),
  token: z.string(),
  expiresAt: z.string(),
  /** Signal to send in Temporal Web UI, with its JSON argument. */
  signal: z.object({ name: z.string(), argument: z.string() }),
  webUiUrl: z.string(),
});
export type DecisionTokenAnswer = z.infer<typeof DecisionTokenAnswer>;

export const RevertKeyAnswer = z.object({
  releaseId: z.string(),
  keyId: z.string(),
  svc: z.string(),
  from: z.string(),
  to: z.string(),
  expiresAt: z.string(),
  usedAt: z.string().nullable(),
  /** The secret itself: `plura reg rollback --revert-key`. */
  revertKey: z.string(),
});
export type RevertKeyAnswer = z.infer<typeof RevertKeyAnswer>;

export const NotesAnswer = z.object({ releaseId: z.string(), notes: z.string() });
export type NotesAnswer = z.infer<typeof NotesAnswer>;
