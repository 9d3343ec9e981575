import type { ReconcileReportView, ReconcileView } from '../../contract/schema/api-reconcile';
import type { Paint } from './style';

export function formatReconcile({ schedule, running, last }: ReconcileView, paint: Paint): string {
  const lines = [
    formatSchedule(schedule),
    ...(running ? [`running   ${running.workflowId}`, ...reportLines(running.report, paint)] : []),
    ...(last ? [`last      ${last.workflowId}`, ...reportLines(last.report, paint)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** When the next run of a Schedule is. */
export function formatSchedule(schedule: ReconcileView['schedule']): string {
  if (!schedule) return 'schedule  none yet: the release worker makes it';
  const note = schedule.note === null || schedule.note === '' ? '' : `, ${schedule.note}`;
  if (schedule.paused) return `schedule  paused${note}`;
  return `schedule  next at ${schedule.nextAt ?? '-'}${note}`;
}

function reportLines(report: ReconcileReportView | null, paint: Paint): readonly string[] {
  if (!report) return ['          no report: it was stopped, or no worker answers'];
  const color = { clean: paint.green, drift: paint.yellow, incomplete: paint.red };
  const { outcome, counts, at } = report;
  const state = outcome === null ? `at ${at ?? 'the start'}` : color[outcome](outcome);
  const numbers = Object.entries(counts)
    .filter(([name, count]) => count > 0 || ['repositories', 'tags', 'drift'].includes(name))
    .map(([name, count]) => `${name} ${count}`);
  return [
    `          ${state}, ${report.startedAt} to ${report.endedAt ?? 'now'}`,
    `          ${numbers.join(', ')}`,
    ...report.found.map((line) => `          ${paint.yellow('!')} ${line}`),
    ...report.errors.map((line) => `          ${paint.red('✗')} ${line}`),
  ];
}
