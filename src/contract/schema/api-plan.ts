import { z } from 'zod';
import { PlanFile } from './plan';

export const PlanRequest = z.strictObject({
  /** Whose plan; without one, what the policy gives any service. */
  svc: z.string().min(1).max(63).optional(),
  /** A plan file, as it would be given with a promotion. */
  plan: PlanFile.optional(),
  /** Traffic of the whole service, to tell whether the windows see enough of it. */
  requestsPerSecond: z.number().gt(0).max(10_000_000).optional(),
});
export type PlanRequest = z.output<typeof PlanRequest>;

const Guardrails = z.object({
  maxErrorRatio: z.number(),
  maxP95Ms: z.number(),
  minRequests: z.int(),
});

const Undecided = z.object({ maxExtensions: z.int(), then: z.enum(['hold', 'fail']) });

const ComparedMetric = z.object({
  name: z.string(),
  query: z.string(),
  worseWhen: z.enum(['higher', 'lower', 'different']),
  minEffect: z.number(),
  required: z.boolean().exactOptional(),
});

const PlanBody = z.object({
  apiVersion: z.literal('plura.reg/plan/v1'),
  canary: z.object({
    steps: z.array(z.object({ percent: z.number(), windowMs: z.int() })).readonly(),
    checkpointMs: z.int(),
    guardrails: Guardrails,
  }),
  observation: z.object({
    candidatePercent: z.number(),
    windowMs: z.int(),
    checkpointMs: z.int(),
    guardrails: Guardrails,
    traffic: z.enum(['none', 'drive']).exactOptional(),
    onInconclusive: Undecided.exactOptional(),
    onError: Undecided.exactOptional(),
  }),
  judge: z.object({
    sampleIntervalMs: z.int(),
    minSamples: z.int(),
    falseAlarmRate: z.number(),
    errors: z.object({ minDifference: z.number() }).nullable(),
    metrics: z.array(ComparedMetric).readonly(),
    /** What the file compares beside the standard's, with its own part of the false-alarm rate. */
    added: z.array(z.string()).readonly().exactOptional(),
    power: z.object({ detect: z.number().nullable(), maxLengthening: z.number() }),
    onInconclusive: Undecided,
    onError: Undecided,
  }),
});

const Window = z.object({
  gate: z.enum(['canary', 'observation']),
  env: z.enum(['dev', 'stg', 'prod']),
  path: z.string(),
  percent: z.number(),
  windowMs: z.int(),
  /** Lengthened and extended as often as may be. */
  maxMs: z.int(),
  checkpointMs: z.int(),
  /** Of each compared metric and side, when none is missing. */
  samples: z.int(),
  guardrails: Guardrails,
  /** Of the whole service, to give the candidate `minRequests`; null without a window. */
  requestsPerSecond: z.number().nullable(),
  onInconclusive: Undecided,
  onError: Undecided,
});

const Origin = z.enum(['default', 'policy', 'service', 'file']);

const Finding = z.object({
  path: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  remedy: z.string(),
  /** Null where no single value is at fault. */
  origin: Origin.nullable(),
});

/** A merged plan, what it comes to, and what is wrong with it. */
export const PlanView = z.object({
  svc: z.string().nullable(),
  /** False when a finding is an error: a promotion with it is refused. */
  valid: z.boolean(),
  plan: PlanBody,
  /** Where each value came from, by its path in a plan file. */
  origins: z.record(z.string(), Origin),
  windows: z.array(Window).readonly(),
  /** All windows, when each passes at once and when each is extended as often as may be. */
  times: z.object({ bestMs: z.int(), worstMs: z.int(), mayHold: z.boolean() }),
  /**
   * As they will be asked of the service; `{{version}}` is the stable digest where there is one, and else left.
   * Empty without a service.
   */
  queries: z
    .array(
      z.object({
        metric: z.string(),
        gate: z.enum(['canary', 'observation']),
        query: z.string(),
      }),
    )
    .readonly(),
  findings: z.array(Finding).readonly(),
  planHash: z.string(),
  policyHash: z.string(),
});
export type PlanView = z.infer<typeof PlanView>;
