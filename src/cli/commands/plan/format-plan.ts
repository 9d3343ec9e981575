import type { PlanView } from '../../../contract/schema/api-plan';
import { ADDED_SHARE, STANDARD_SHARE } from '../../../domain/judge/families';
import { durationText } from '../../../domain/plan-duration';
import { percentText } from '../../../domain/plan-finding';
import { formatDuration, type Paint } from '../../output/style';
import { formatTable } from '../../output/table';
import { formatFinding } from './format-finding';

type Window = PlanView['windows'][number];
type Guardrails = Window['guardrails'];

/** The whole plan: windows, limits, the judge's settings, queries, times, and what is wrong with it. */
export function formatPlanView(view: PlanView, paint: Paint): string {
  const { times } = view;
  const hold = times.mayHold ? ', longer when someone has to decide' : '';
  return [
    `${paint.bold(view.svc ?? 'any service')}  plan ${view.planHash}`,
    paint.dim(`over policy ${view.policyHash}`),
    '',
    formatWindows(view),
    formatGuardrails(view),
    formatJudge(view),
    ...formatMetrics(view, paint),
    `time  ${formatDuration(times.bestMs)} at best, ${formatDuration(times.worstMs)} at worst${hold}`,
    ...view.findings.flatMap((one) => formatFinding(one, paint)),
    '',
  ].join('\n');
}

function formatWindows({ windows, origins }: PlanView): string {
  return formatTable(
    ['window', 'in', 'length', 'at most', 'looked at', 'samples', 'requests', 'needs', 'from'],
    windows.map((one) => [
      `${one.gate} ${one.percent} %`,
      one.env,
      durationText(one.windowMs),
      durationText(one.maxMs),
      `every ${durationText(one.checkpointMs)}`,
      String(one.samples),
      String(one.guardrails.minRequests),
      one.requestsPerSecond === null ? '-' : `${round(one.requestsPerSecond)} a second`,
      windowOrigins(one, origins),
    ]),
  );
}

/** Who said how much traffic, and who how long. */
function windowOrigins({ gate, path }: Window, origins: PlanView['origins']): string {
  const share = origins[gate === 'canary' ? 'canary.steps' : 'observation.candidatePercent'];
  return unique([share, origins[path]]);
}

function formatGuardrails({ plan, origins }: PlanView): string {
  const rails: readonly (readonly [string, (own: Guardrails) => string])[] = [
    ['maxErrorRatio', (own) => percentText(own.maxErrorRatio)],
    ['maxP95', (own) => durationText(own.maxP95Ms)],
    ['minRequests', (own) => String(own.minRequests)],
  ];
  return formatTable(
    ['guardrail', 'canary', 'from', 'observation', 'from'],
    rails.map(([name, text]) => [
      name,
      text(plan.canary.guardrails),
      origins[`canary.guardrails.${name}`] ?? '-',
      text(plan.observation.guardrails),
      origins[`observation.guardrails.${name}`] ?? '-',
    ]),
  );
}

function formatJudge({ plan, origins }: PlanView): string {
  const { judge, observation } = plan;
  const { detect, maxLengthening } = judge.power;
  const from = (...paths: readonly string[]): string => unique(paths.map((path) => origins[path]));
  const undecided = (
    path: string,
    { maxExtensions, then }: typeof judge.onError,
  ): readonly string[] => [
    path,
    undecidedText(maxExtensions, then),
    from(`${path}.maxExtensions`, `${path}.then`),
  ];
  return formatTable(
    ['judge', 'value', 'from'],
    [
      ['sampleInterval', durationText(judge.sampleIntervalMs), from('judge.sampleInterval')],
      ['minSamples', String(judge.minSamples), from('judge.minSamples')],
      ['falseAlarmRate', rateText(judge.falseAlarmRate), from('judge.falseAlarmRate')],
      [
        'errors.minDifference',
        judge.errors ? percentText(judge.errors.minDifference) : 'null: by the guardrail alone',
        from('judge.errors', 'judge.errors.minDifference'),
      ],
      [
        'metrics',
        judge.metrics.map(({ name }) => name).join(', ') || 'none',
        from('judge.metrics'),
      ],
      [
        'power.detect',
        detect === null ? 'null: not asked' : percentText(detect),
        from('judge.power.detect'),
      ],
      ...(detect === null
        ? []
        : [
            [
              'power.maxLengthening',
              `${maxLengthening} times its length, else refused`,
              from('judge.power.maxLengthening'),
            ],
          ]),
      undecided('judge.onInconclusive', judge.onInconclusive),
      undecided('judge.onError', judge.onError),
      undecided('observation.onInconclusive', observation.onInconclusive ?? judge.onInconclusive),
      undecided('observation.onError', observation.onError ?? judge.onError),
    ],
  );
}

/** Most of it is for the standard's own comparisons, whether or not a promotion adds some. */
function rateText(rate: number): string {
  const [own, added] = [rate * STANDARD_SHARE, rate * ADDED_SHARE].map(percentText);
  return `${percentText(rate)}: ${own}, and ${added} for what a promotion adds`;
}

function undecidedText(maxExtensions: number, then: 'hold' | 'fail'): string {
  const end = then === 'hold' ? 'held until someone decides' : 'fails';
  if (maxExtensions === 0) return end;
  return `extended ${maxExtensions === 1 ? 'once' : `${maxExtensions} times`}, then ${end}`;
}

function formatMetrics({ plan, queries }: PlanView, paint: Paint): readonly string[] {
  return plan.judge.metrics.flatMap(({ name, worseWhen, minEffect }) => {
    const direction = worseWhen === 'different' ? 'different' : `${worseWhen} than stable`;
    return [
      `${paint.bold(name)}  bad when ${direction} by ${percentText(minEffect)} or more`,
      ...queries
        .filter(({ metric }) => metric === name)
        .map(({ gate, query }) => `  ${gate.padEnd(12)} ${query}`),
      '',
    ];
  });
}

function unique(origins: readonly (string | undefined)[]): string {
  return [...new Set(origins.filter((one) => one !== undefined))].join(', ') || '-';
}

function round(value: number): number {
  return value >= 1 ? Math.round(value * 10) / 10 : Number(value.toPrecision(2));
}
