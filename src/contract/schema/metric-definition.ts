import { z } from 'zod';
import { isMetricPreset, METRIC_PRESETS } from '../../domain/metric-presets';
import {
  findDefinitionFaults,
  type LabelMatch,
  type MetricDefinition,
  type MetricSelector,
} from '../../domain/metric-source';

const MAX_LABELS = 20;
const OPERATORS = { equals: '=', not: '!=', regex: '=~', notRegex: '!~' } as const;
type Operator = keyof typeof OPERATORS;

const Value = z.string().min(1);

/** `label: value`, or `label: { regex: 5.. }`. */
const Labels = z
  .record(
    z.string(),
    z.union([
      Value,
      z.strictObject({ equals: Value }),
      z.strictObject({ not: Value }),
      z.strictObject({ regex: Value }),
      z.strictObject({ notRegex: Value }),
    ]),
  )
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `holds over ${MAX_LABELS} labels`)
  .transform((labels): readonly LabelMatch[] =>
    Object.entries(labels).map(([label, one]) => {
      const [how, value] = (typeof one === 'string' ? ['equals', one] : Object.entries(one)[0]) as [
        Operator,
        string,
      ];
      return { label, is: OPERATORS[how], value };
    }),
  );

const Selector = z.strictObject({
  metric: z.string().exactOptional(),
  match: Labels.exactOptional(),
});
type SelectorPart = z.output<typeof Selector>;

const Durations = z.strictObject({
  ...Selector.shape,
  unit: z.enum(['seconds', 'milliseconds']).exactOptional(),
});

const Parts = z.strictObject({
  apiVersion: z.literal('plura.reg/metrics/v1'),
  /** What the file leaves out comes from it. */
  preset: z
    .string()
    .refine(isMetricPreset, `must be one of ${Object.keys(METRIC_PRESETS).join(', ')}`)
    .exactOptional(),
  /** Labels that tell a version in all three. */
  match: Labels.exactOptional(),
  requests: Selector.exactOptional(),
  errors: Selector.exactOptional(),
  durations: Durations.exactOptional(),
  /** Null: a version without series could not be measured. */
  alive: Selector.nullable().exactOptional(),
});
type Parts = z.output<typeof Parts>;

/** File of PLURA_METRICS_FILE: where the numbers of windows come from. docs/kubernetes.md shows one. */
export const MetricDefinitionFile = Parts.transform((parts, context): MetricDefinition => {
  const definition = assemble(parts);
  for (const { field, message } of findDefinitionFaults(definition)) {
    context.addIssue({ code: 'custom', path: whereIn(parts, field), message });
  }
  return definition;
});

function assemble({ preset, match, requests, errors, durations, alive }: Parts): MetricDefinition {
  const base: MetricDefinition | undefined =
    preset !== undefined && isMetricPreset(preset) ? METRIC_PRESETS[preset] : undefined;
  const counted = over(base?.requests, match, requests);
  return {
    name: 'custom',
    requests: counted,
    // What makes a request an error is said on top of what makes it the version's.
    errors: over(base?.errors ?? counted, match, errors),
    durations: over(base?.durations, match, durations),
    durationUnit: durations?.unit ?? base?.durationUnit ?? 'seconds',
    alive: alive === undefined ? (base?.alive ?? null) : alive && over(undefined, [], alive),
  };
}

/** Labels of the part over those of the file over those of the preset. */
function over(
  base: MetricSelector | undefined,
  match: readonly LabelMatch[] = [],
  part: SelectorPart = {},
): MetricSelector {
  const labels = new Map<string, LabelMatch>();
  for (const one of [...(base?.match ?? []), ...match, ...(part.match ?? [])]) {
    labels.set(one.label, one);
  }
  return { metric: part.metric ?? base?.metric ?? '', match: [...labels.values()] };
}

/** A label of all three is at fault where the file says it. */
function whereIn(parts: Parts, field: readonly string[]): string[] {
  const [selector = '', ...rest] = field;
  const label = rest[1];
  const part = { requests: parts.requests, errors: parts.errors, durations: parts.durations }[
    selector
  ];
  const own = part?.match?.some((one) => one.label === label) ?? false;
  const shared = parts.match?.some((one) => one.label === label) ?? false;
  return label !== undefined && shared && !own ? rest : [...field];
}
