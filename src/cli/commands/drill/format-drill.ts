import type { DrillReportView } from '../../../contract/schema/api-drill';
import { formatDuration, shortenDigest, type Paint } from '../../output/style';
import { formatTable } from '../../output/table';

export function formatMs(ms: number | null): string {
  return ms === null ? '-' : formatDuration(ms);
}

export function paintOutcome(outcome: DrillReportView['outcome'], paint: Paint): string {
  const color = { passed: paint.green, failed: paint.red, skipped: paint.yellow };
  return color[outcome](outcome);
}

export function describeCompleteness({ complete }: Pick<DrillReportView, 'complete'>): string {
  if (complete === null) return 'not looked at';
  return complete ? 'complete' : 'incomplete';
}

export function formatDrill(report: DrillReportView, paint: Paint): string {
  const { svc, outcome, startedAt, endedAt, targetMs, n, p50Ms, p95Ms, maxMs, reasons } = report;
  const lines = [
    `${svc ?? 'no service'}  ${paintOutcome(outcome, paint)}  ${startedAt} to ${endedAt}`,
    `${n} rollbacks  p50 ${formatMs(p50Ms)}  p95 ${formatMs(p95Ms)}  max ${formatMs(maxMs)}  allowed ${formatDuration(targetMs)}`,
    `targets ${describeCompleteness(report)}`,
    ...reasons.map((reason) => `${paint.red('✗')} ${reason}`),
  ];
  const rows = report.steps.map(({ number, direction, to, durationMs, faults, error }) => [
    String(number),
    direction,
    shortenDigest(to),
    formatMs(durationMs),
    faults.length === 0 ? 'complete' : faults.map(({ message }) => message).join(' '),
    error ?? '',
  ]);
  const table = formatTable(['#', 'way', 'to', 'took', 'target', 'error'], rows);
  return `${lines.join('\n')}\n${rows.length === 0 ? '' : table}`;
}
