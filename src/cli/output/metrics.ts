import type { MetricsAnswer, MetricView, StorageView } from '../../contract/schema/api-metrics';
import { formatBytes } from './bytes';
import { formatDuration, type Paint } from './style';
import { formatTable } from './table';

/** The standard's metrics, then what is stored. */
export function formatMetrics(answer: MetricsAnswer, paint: Paint): string {
  const { metrics, storage, windowDays, repository } = answer;
  const of = repository ?? 'all repositories';
  const head = `${paint.bold(of)}  ${answer.at}; events and times of the last ${windowDays} days\n`;
  const rows = metrics.map((metric) => [
    metric.name,
    describeValue(metric),
    describeTarget(metric),
    describeMet(metric, paint),
  ]);
  const table = formatTable(['metric', 'value', 'target', 'met'], rows);
  return `${head}${table}\n${storage ? formatStorage(storage, repository, paint) : NOT_COUNTED}`;
}

const NOT_COUNTED = 'What is stored was not counted yet: the release worker does it every hour.\n';

function formatValue(unit: string, value: number): string {
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'seconds') return formatDuration(value * 1000);
  return unit === 'ratio' ? `${Math.floor(value * 1000) / 10} %` : String(value);
}

function describeValue({ unit, samples, of, label }: MetricView): string {
  if (samples.length === 0) return of === 0 ? 'none yet' : 'not known';
  if (label !== null) {
    return samples
      .map((sample) => `${sample.label ?? ''} ${formatValue(unit, sample.value)}`)
      .join(', ');
  }
  const text = samples.map(({ value }) => formatValue(unit, value)).join();
  return of === null ? text : `${text} (of ${of})`;
}

function describeTarget({ target, unit }: MetricView): string {
  if (!target) return '';
  return 'atLeast' in target
    ? `≥ ${formatValue(unit, target.atLeast)}`
    : `≤ ${formatValue(unit, target.atMost)}`;
}

function describeMet({ met }: MetricView, paint: Paint): string {
  if (met === null) return '';
  return met ? paint.green('yes') : paint.red('no');
}

function formatStorage(storage: StorageView, repository: string | null, paint: Paint): string {
  const { by, groups, cost, truncated } = storage;
  const rows = groups.map((group) => [
    group.name,
    ...[group.logicalBytes, group.uniqueBytes, group.sharedBytes, group.reclaimableBytes].map(
      formatBytes,
    ),
    String(group.manifests),
    String(group.tags),
    ...(cost ? [`${(group.monthlyCost ?? 0).toFixed(2)} ${cost.currency}`] : []),
  ]);
  const columns = [by, 'logical', 'unique', 'shared', 'reclaimable', 'manifests', 'tags'];
  const more = truncated ? `More than these: --limit ${groups.length * 2}\n` : '';
  return [
    ...(repository === null ? summaryLines(storage, paint) : [`counted   ${storage.at}`]),
    '',
    formatTable([...columns, ...(cost ? ['unique a month'] : [])], rows),
  ]
    .join('\n')
    .concat(more);
}

function summaryLines(
  { totals, at, growth, goal, cost }: StorageView,
  paint: Paint,
): readonly string[] {
  const color = { met: paint.green, missed: paint.red, 'not-enough-history': paint.yellow };
  const { storageBytes, logicalBytes, reclaimableBytes } = totals;
  return [
    `stored    ${formatBytes(storageBytes)}, ${formatBytes(logicalBytes)} if nothing were shared; counted ${at}`,
    `free      ${reclaimableBytes === null ? 'no clean-up is planned' : `${formatBytes(reclaimableBytes)} by the newest plan`}`,
    `growth    day ${describeChange(growth.day)}, week ${describeChange(growth.week)}, month ${describeChange(growth.month)}`,
    `goal      ${color[goal.state](goal.state)}: ${goal.arithmetic}`,
    ...(cost
      ? [
          `cost      ${cost.monthly.toFixed(2)} ${cost.currency} a month, at ${cost.perGbMonth} for a GB (10^9 bytes)`,
        ]
      : []),
  ];
}

function describeChange(change: StorageView['growth']['day']): string {
  if (!change) return '-';
  const sign = change.bytes < 0 ? '-' : '+';
  const ratio =
    change.ratio === null ? '' : ` (${sign}${Math.abs(change.ratio * 100).toFixed(1)} %)`;
  return `${sign}${formatBytes(Math.abs(change.bytes))}${ratio}`;
}
