import { rateAtEnd } from './judge/families';
import type { JudgePlan, Plan } from './plan';
import { durationText } from './plan-duration';
import { percentText, type PlanFinding } from './plan-finding';
import { SLOWEST_INTERVAL_MS, smallestPValue } from './plan-samples';
import type { PlannedWindow } from './plan-windows';

const HIGH_FALSE_ALARMS = 0.05;
const LOW_FALSE_ALARMS = 0.000_1;
/** By name, or as all selectors of the metrics source do. */
const NAMES_ENV = /\{\{(?:env|namespace|requests|errors|durations)\}\}/;
/** Windows are cut into as many samples at least. */
const LEAST_SAMPLES = 4;

export function lintJudge(
  { judge, canary, observation }: Plan,
  windows: readonly PlannedWindow[],
): readonly PlanFinding[] {
  const loosest = Math.min(canary.guardrails.maxErrorRatio, observation.guardrails.maxErrorRatio);
  return [
    ...lintRate(judge),
    ...lintInterval(judge, windows),
    ...lintTests(judge, windows),
    ...lintPower(judge),
    ...lintErrors(judge, loosest),
    ...lintMetrics(judge),
  ];
}

function lintRate({ falseAlarmRate }: JudgePlan): readonly PlanFinding[] {
  const path = 'judge.falseAlarmRate';
  const severity = 'warning';
  const percent = percentText(falseAlarmRate);
  if (falseAlarmRate > HIGH_FALSE_ALARMS) {
    const message = `${percent} of the windows of a good release are called bad`;
    return [{ path, severity, message, remedy: 'at most 0.05; the default is 0.01' }];
  }
  if (falseAlarmRate < LOW_FALSE_ALARMS) {
    const message = `at ${percent} only large regressions are told from chance`;
    return [{ path, severity, message, remedy: 'at least 0.0001; the default is 0.01' }];
  }
  return [];
}

function lintInterval(
  { sampleIntervalMs, metrics }: JudgePlan,
  windows: readonly PlannedWindow[],
): readonly PlanFinding[] {
  if (metrics.length === 0) return [];
  const path = 'judge.sampleInterval';
  const isCompared = ({ gate, windowMs, percent }: PlannedWindow): boolean =>
    gate === 'observation' && windowMs > 0 && percent < 100;
  const isSlow = sampleIntervalMs > SLOWEST_INTERVAL_MS;
  const severity = isSlow && windows.some((window) => isCompared(window)) ? 'error' : 'warning';
  const interval = durationText(sampleIntervalMs);
  const lengths = windows.map(({ windowMs }) => windowMs).filter((windowMs) => windowMs > 0);
  const shortest = Math.min(...lengths);
  if (severity === 'warning' && sampleIntervalMs * LEAST_SAMPLES > shortest) {
    const message = `${interval} is more than a quarter of the window of ${durationText(shortest)}`;
    const most = durationText(Math.max(1, Math.floor(shortest / LEAST_SAMPLES)));
    return [{ path, severity, message, remedy: `at most ${most}` }];
  }
  if (isSlow) {
    const message = `${interval} is rare: a regression in prod is seen late, by few samples`;
    return [{ path, severity, message, remedy: 'at most 15s, with metrics scraped as often' }];
  }
  return [];
}

/** A rank test of too few samples passes whatever they are. */
function lintTests(judge: JudgePlan, windows: readonly PlannedWindow[]): readonly PlanFinding[] {
  const { metrics, minSamples, falseAlarmRate, errors } = judge;
  if (metrics.length === 0) return [];
  const tests = metrics.length + (errors === null ? 0 : 1);
  const canTell = (samples: number): boolean =>
    metrics.every(({ name, worseWhen }) => {
      const sides = worseWhen === 'different' ? 2 : 1;
      return smallestPValue(samples, sides) <= rateAtEnd(judge, name);
    });
  if (canTell(minSamples)) return [];
  let enough = minSamples;
  while (!canTell(enough)) enough += 1;
  const never = windows.every(({ samples }) => samples < enough);
  return [
    {
      path: 'judge.minSamples',
      severity: never ? 'error' : 'warning',
      message: `${minSamples} samples a side show no difference at a false alarm rate of ${percentText(falseAlarmRate)} over ${tests} ${tests === 1 ? 'test' : 'tests'}, whatever they are${never ? ', and no window gives enough' : ''}`,
      remedy: `at least ${enough}`,
    },
  ];
}

function lintPower({ power, metrics }: JudgePlan): readonly PlanFinding[] {
  const { detect } = power;
  const path = 'judge.power.detect';
  const severity = 'error';
  if (detect === null) return [];
  if (metrics.length === 0) {
    const message = `no metric is compared in which a regression of ${percentText(detect)} could show`;
    return [{ path, severity, message, remedy: 'name one in judge.metrics, or set it to null' }];
  }
  return metrics
    .filter(({ minEffect }) => detect < minEffect)
    .map(({ name, minEffect }) => ({
      path,
      severity,
      message: `a shift of ${percentText(detect)} passes for ${name}: its minEffect is ${percentText(minEffect)}`,
      remedy: 'raise detect to the minEffect at least, or lower minEffect',
    }));
}

function lintErrors({ errors }: JudgePlan, maxErrorRatio: number): readonly PlanFinding[] {
  if (errors === null || errors.minDifference < maxErrorRatio) return [];
  return [
    {
      path: 'judge.errors.minDifference',
      severity: 'warning',
      message: `${percentText(errors.minDifference)} is not below the guardrail of ${percentText(maxErrorRatio)}, which stops such a release anyway`,
      remedy: 'lower it, or set judge.errors to null',
    },
  ];
}

function lintMetrics({ metrics, errors }: JudgePlan): readonly PlanFinding[] {
  const severity = 'warning';
  if (metrics.length === 0) {
    const rest = errors === null ? 'guardrails alone decide' : 'guardrails and errors alone decide';
    return [
      {
        path: 'judge.metrics',
        severity,
        message: `no series is compared with that of stable: ${rest}`,
        remedy:
          'name a metric; p95 latency is compared by itself where each window gives minSamples',
      },
    ];
  }
  return metrics.flatMap(({ query }, index) => {
    const path = `judge.metrics[${index}].query`;
    return [
      ...(NAMES_ENV.test(query)
        ? []
        : [
            {
              path,
              severity,
              message: 'a digest may run in several environments, and {{env}} is not in the query',
              remedy: 'select by env="{{env}}"',
            } as const,
          ]),
      ...(/\[\s*\d/.test(query)
        ? [
            {
              path,
              severity,
              message: 'samples of a fixed range may overlap, and then count more than once',
              remedy: 'use [{{window}}]: the sample interval, or two scrapes where it is shorter',
            } as const,
          ]
        : []),
    ];
  });
}
