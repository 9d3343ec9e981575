import type { WindowEvidence } from '../../../domain/evidence';
import type { MetricAnswer, TrackSamples } from '../../../domain/judge/window-input';
import { shortenDigest } from '../../output/style';
import { bar, scaleOf, sparkline } from './chart';
import { plain, shortNumber } from './plain-text';

/** What the terminal can show. */
export interface Look {
  readonly unicode: boolean;
  /** Characters of a line. */
  readonly columns: number;
}

type Numbers = MetricAnswer['numbers'];

const NAME_WIDTH = 20;
const LEAST_WIDTH = 10;
const MOST_WIDTH = 60;
/** Characters of a line of the chart beside the chart: names, range. */
const BESIDE = 56;

/** Counts of what was left out of a comparison: worth a word when there was any. */
const LEFT_OUT = /(?:Missing|NaN|Infinite|Resets)$/;

/** One window: its metrics with their arithmetic, and the candidate drawn against stable. */
export function formatWindow(evidence: WindowEvidence, look: Look): readonly string[] {
  const { digests, from, to, answer } = evidence;
  const stable = digests.stable === null ? 'no stable' : shortenDigest(digests.stable);
  return [
    `  ${from} to ${to}, candidate ${shortenDigest(digests.candidate)} against ${stable}`,
    ...countedFromOf(evidence),
    `  ${rulesOf(evidence)}`,
    ...answer.metrics.flatMap((one) => [
      `  ${plain(one.metric).padEnd(NAME_WIDTH)}  ${one.outcome}`,
      ...wrap(withoutZeros(one.numbers), look.columns),
    ]),
    ...drawErrors(evidence, look),
    ...evidence.input.judge.metrics.flatMap(({ name }) => drawSeries(evidence, name, look)),
  ];
}

/** Nothing was stored before the window: not all of it is in the counts. */
function countedFromOf({ countedFrom = {} }: WindowEvidence): readonly string[] {
  return (['candidate', 'stable'] as const).flatMap((track) => {
    const from = countedFrom[track];
    return from === undefined ? [] : [`  ${track} counted from ${from}`];
  });
}

/** By which rules it was judged; evidence of earlier versions names no plan. */
function rulesOf({ policyHash, planHash }: WindowEvidence): string {
  const plan = planHash === undefined ? '' : `, plan ${plain(planHash)}`;
  return `policy ${plain(policyHash)}${plan}`;
}

export function formatNumbers(numbers: Numbers): readonly string[] {
  return Object.entries(numbers).map(([name, value]) => {
    const text = typeof value === 'number' ? shortNumber(value) : plain(value ?? '-');
    return `${plain(name)} ${text}`;
  });
}

function withoutZeros(numbers: Numbers): readonly string[] {
  const worth = Object.entries(numbers).filter(
    ([name, value]) => value !== 0 || !LEFT_OUT.test(name),
  );
  return formatNumbers(Object.fromEntries(worth));
}

/** Facts by commas, in lines of `columns`. */
function wrap(facts: readonly string[], columns: number): readonly string[] {
  return facts.reduce<readonly string[]>((lines, fact) => {
    const last = lines.at(-1);
    return last !== undefined && last.length + fact.length + 3 <= columns
      ? [...lines.slice(0, -1), `${last}, ${fact}`]
      : [...lines, `    ${fact}`];
  }, []);
}

function widthOf({ columns }: Look): number {
  return Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, columns - BESIDE));
}

type Tracks = readonly (readonly ['candidate' | 'stable', TrackSamples])[];

function tracksOf({ input }: WindowEvidence): Tracks {
  const candidate = ['candidate', input.candidate] as const;
  return input.stable === null ? [candidate] : [candidate, ['stable', input.stable]];
}

/** Both tracks on the scale of the larger ratio. */
function drawErrors(evidence: WindowEvidence, look: Look): readonly string[] {
  const width = widthOf(look);
  const ratios = tracksOf(evidence).map(([track, { measurement }]) => {
    const { errors, requests } = measurement;
    return { track, errors, requests, ratio: requests > 0 ? errors / requests : 0 };
  });
  const most = Math.max(...ratios.map(({ ratio }) => ratio));
  return ratios.map(({ track, errors, requests, ratio }, index) => {
    const drawn = bar(most > 0 ? ratio / most : 0, { width, unicode: look.unicode });
    const counts = `${shortNumber(ratio * 100)} % (${errors} of ${requests})`;
    return lineOf(index === 0 ? 'errors' : '', track, drawn.padEnd(width), counts);
  });
}

function drawSeries(evidence: WindowEvidence, name: string, look: Look): readonly string[] {
  const lines = tracksOf(evidence).flatMap(([track, samples]) => {
    const series = Object.hasOwn(samples.series, name) ? samples.series[name] : undefined;
    return series ? [{ track, values: series.values }] : [];
  });
  const scale = scaleOf(...lines.map(({ values }) => values));
  if (scale === null) return [];
  const width = widthOf(look);
  return lines.map(({ track, values }, index) => {
    const drawn = sparkline(values, scale, { width, unicode: look.unicode });
    const own = scaleOf(values);
    const range = own ? `${shortNumber(own.low)} to ${shortNumber(own.high)}` : 'no numbers';
    return lineOf(index === 0 ? plain(name) : '', track, drawn.padEnd(width), range);
  });
}

function lineOf(name: string, track: string, drawn: string, text: string): string {
  return `  ${name.slice(0, NAME_WIDTH).padEnd(NAME_WIDTH)}  ${track.padEnd(9)}  ${drawn}  ${text}`;
}
