import type { ComparedMetric, JudgePlan } from './plan';
import { durationText } from './plan-duration';
import { more, other, type Loosened } from './plan-loosened-by';

/**
 * Where a judge finds less than the standard's. Its false-alarm rate is what its tests share: with less of it less is found, and with
 * more, tests join in that could say nothing before and take a part. Samples of another interval are other samples. With fewer samples
 * needed less is known; with more, a regression that the standard would see is waited out.
 */
export function judgeLoosened(own: JudgePlan, standard: JudgePlan): readonly Loosened[] {
  return [
    ...(standard.metrics.length > 0
      ? other('judge.sampleInterval', own.sampleIntervalMs, standard.sampleIntervalMs, durationText)
      : []),
    ...other('judge.falseAlarmRate', own.falseAlarmRate, standard.falseAlarmRate),
    ...other('judge.minSamples', own.minSamples, standard.minSamples),
    ...errorsOf(own, standard),
    ...standard.metrics.flatMap((metric) => metricOf(own.metrics, metric)),
    ...powerOf(own, standard),
  ];
}

function errorsOf({ errors }: JudgePlan, { errors: standard }: JudgePlan): readonly Loosened[] {
  if (!standard) return [];
  if (!errors) return [{ path: 'judge.errors', message: 'errors are not compared' }];
  return more('judge.errors.minDifference', errors.minDifference, standard.minDifference);
}

function metricOf(
  own: readonly ComparedMetric[],
  { name, query, worseWhen, minEffect, required }: ComparedMetric,
): readonly Loosened[] {
  const path = 'judge.metrics';
  const same = own.find((one) => one.name === name);
  if (!same) return [{ path, message: `${name} is left out` }];
  if (same.query !== query || same.worseWhen !== worseWhen) {
    return [{ path, message: `${name} is another metric than the service's` }];
  }
  if (required !== false && same.required === false) {
    return [{ path, message: `${name} is no longer required` }];
  }
  return more(path, same.minEffect, minEffect, (value) => `a minEffect of ${value} for ${name}`);
}

function powerOf({ power }: JudgePlan, { power: standard }: JudgePlan): readonly Loosened[] {
  const path = 'judge.power';
  return [
    ...(standard.detect === null
      ? []
      : power.detect === null
        ? [{ path: `${path}.detect`, message: 'no window has to be able to show anything' }]
        : more(`${path}.detect`, power.detect, standard.detect)),
    ...more(`${path}.maxLengthening`, power.maxLengthening, standard.maxLengthening),
  ];
}
