import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Plan } from '../../domain/plan';
import type { GivenPlan } from '../../domain/plan-given';
import { findQueryFaults } from '../../domain/plan-query';
import type { Json } from '../../domain/verdict';
import { canonicalJson, Percent, Ratio } from './policy';
import { Duration } from './policy-duration';

const GuardrailsPart = z
  .strictObject({
    maxErrorRatio: Ratio.exactOptional(),
    maxP95: Duration.exactOptional(),
    minRequests: z.int().min(1).max(1_000_000).exactOptional(),
  })
  .transform(({ maxP95, ...rest }) => ({
    ...rest,
    ...(maxP95 !== undefined && { maxP95Ms: maxP95 }),
  }));

const UndecidedPart = z.strictObject({
  maxExtensions: z.int().min(0).max(100).exactOptional(),
  then: z.enum(['hold', 'fail']).exactOptional(),
});

const Step = z
  .strictObject({ percent: Percent, window: Duration.exactOptional() })
  .transform(({ percent, window }) => ({
    percent,
    ...(window !== undefined && { windowMs: window }),
  }));

const Steps = z
  .array(Step)
  .min(1)
  .max(20)
  .superRefine((steps, context) => {
    const rise = steps.every(({ percent }, index) => percent > (steps[index - 1]?.percent ?? 0));
    if (!rise || steps.at(-1)?.percent !== 100) {
      context.addIssue({ code: 'custom', message: 'percents must rise and end at 100' });
    }
  });

const CanaryPart = z
  .strictObject({
    steps: Steps.exactOptional(),
    checkpoint: Duration.exactOptional(),
    guardrails: GuardrailsPart.exactOptional(),
  })
  .transform(({ checkpoint, ...rest }) => ({
    ...rest,
    ...(checkpoint !== undefined && { checkpointMs: checkpoint }),
  }));

const ObservationPart = z
  .strictObject({
    candidatePercent: Percent.exactOptional(),
    window: Duration.exactOptional(),
    checkpoint: Duration.exactOptional(),
    guardrails: GuardrailsPart.exactOptional(),
    traffic: z.enum(['none', 'drive']).exactOptional(),
    onInconclusive: UndecidedPart.exactOptional(),
    onError: UndecidedPart.exactOptional(),
  })
  .transform(({ window, checkpoint, ...rest }) => ({
    ...rest,
    ...(window !== undefined && { windowMs: window }),
    ...(checkpoint !== undefined && { checkpointMs: checkpoint }),
  }));

/** It names the metric in verdicts, where `errors` is taken, and is a key of objects. */
const MetricName = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9]+(?:[ ._-][A-Za-z0-9]+)*$/, 'must be words of letters and digits')
  .refine((name) => name !== 'errors' && !(name in {}), 'is a name that is taken');

const Query = z
  .string()
  .min(1)
  .max(4096)
  .superRefine((query, context) => {
    for (const message of findQueryFaults(query)) context.addIssue({ code: 'custom', message });
  });

const Metric = z.strictObject({
  name: MetricName,
  query: Query,
  worseWhen: z.enum(['higher', 'lower', 'different']).default('higher'),
  minEffect: z.number().gt(0).max(100).default(0.05),
  required: z.boolean().exactOptional(),
});

const Metrics = z
  .array(Metric)
  .max(10)
  .superRefine((metrics, context) => {
    metrics.forEach(({ name }, index) => {
      if (metrics.findIndex((one) => one.name === name) < index) {
        const message = `"${name}" is there twice`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
    });
  });

const JudgePart = z
  .strictObject({
    sampleInterval: Duration.exactOptional(),
    minSamples: z.int().min(1).max(10_000).exactOptional(),
    falseAlarmRate: z.number().gt(0).max(0.2).exactOptional(),
    errors: z
      .strictObject({ minDifference: z.number().gt(0).max(1) })
      .nullable()
      .exactOptional(),
    metrics: Metrics.exactOptional(),
    power: z
      .strictObject({
        detect: z.number().gt(0).max(100).nullable().exactOptional(),
        maxLengthening: z.number().min(1).max(20).exactOptional(),
      })
      .exactOptional(),
    onInconclusive: UndecidedPart.exactOptional(),
    onError: UndecidedPart.exactOptional(),
  })
  .transform(({ sampleInterval, ...rest }) => ({
    ...rest,
    ...(sampleInterval !== undefined && { sampleIntervalMs: sampleInterval }),
  }));

const parts = {
  canary: CanaryPart.exactOptional(),
  observation: ObservationPart.exactOptional(),
  judge: JudgePart.exactOptional(),
};

/** The `plan` of a service in the catalogue: any part of a plan, over what the policy says. */
export const ServicePlan = z.strictObject(parts) satisfies z.ZodType<GivenPlan>;

/** A plan file as people write it, any part of a plan. Unknown keys are refused. */
export const PlanFile = z
  .strictObject({ apiVersion: z.literal('plura.reg/plan/v1'), ...parts })
  .transform(({ canary, observation, judge }) => ({
    ...(canary && { canary }),
    ...(observation && { observation }),
    ...(judge && { judge }),
  })) satisfies z.ZodType<GivenPlan>;

/** `sha256:` of the canonical JSON of a merged plan: the same plan has the same hash, wherever its values came from. */
export function hashPlan(plan: Plan): string {
  const text = canonicalJson(JSON.parse(JSON.stringify(plan)) as Json);
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
