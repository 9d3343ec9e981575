import { z } from 'zod';
import { CHECK_RESULTS, CHECKS } from '../../domain/continuous-check/finding';
import { CHECK_OUTCOMES } from '../../domain/continuous-check/service-check';
import { scheduleView } from './api-schedule';

const Count = z.int().nonnegative();

const Report = z.object({
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  outcome: z.enum(['clean', 'failing', 'incomplete']).nullable(),
  counts: z.object({
    services: Count,
    digests: Count,
    failing: Count,
    unchecked: Count,
    blocked: Count,
    rolledBack: Count,
    alarmed: Count,
    errors: Count,
  }),
  at: z.string().nullable(),
  found: z.array(z.string()).readonly(),
  errors: z.array(z.string()).readonly(),
});
export type CheckReportView = z.infer<typeof Report>;

const Finding = z.object({
  check: z.enum(CHECKS),
  result: z.enum(CHECK_RESULTS),
  /** `prod:stable` is the channel, `prod stable` what runs there, `prod` the target itself. */
  where: z.array(z.string()).readonly(),
  digest: z.string().nullable(),
  reason: z.string(),
});

const ServiceCheck = z.object({
  svc: z.string(),
  /** Temporal's run id of its first execution. */
  runId: z.string(),
  outcome: z.enum(CHECK_OUTCOMES),
  digests: Count,
  findings: z.array(Finding).readonly(),
  note: z.string(),
  at: z.string(),
  /** Since then it has been the same, in so many runs. */
  since: z.string(),
  runs: Count,
});
export type ServiceCheckView = z.infer<typeof ServiceCheck>;

const Rollback = z.object({
  id: z.string(),
  svc: z.string(),
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  at: z.string(),
  /** Null while it is under way. */
  end: z.enum(['done', 'failed', 'not-begun']).nullable(),
  note: z.string(),
});

export const ChecksView = scheduleView(Report).extend({
  /** The newest of each service; with `svc` those of that one, newest first. */
  checks: z.array(ServiceCheck).readonly(),
  /** With `svc`: what the check rolled back, newest first. */
  rollbacks: z.array(Rollback).readonly(),
});
export type ChecksView = z.infer<typeof ChecksView>;

export const ChecksQuery = z.object({
  svc: z.string().min(1).max(63).optional(),
  /** Of all services: those after this name. */
  after: z.string().min(1).max(63).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
