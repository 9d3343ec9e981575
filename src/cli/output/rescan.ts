import type { KeptImageView, RescanReportView, RescanView } from '../../contract/schema/api-rescan';
import { scheduleLine } from './schedule';
import type { Paint } from './style';
import { formatTable } from './table';

const MAX_REFUSED = 3;

export function formatRescans(view: RescanView, paint: Paint): string {
  if (view.images) return formatImages(view.images);
  const { schedule, running, last } = view;
  const lines = [
    scheduleLine(schedule, 'release'),
    ...(running ? [`running   ${running.workflowId}`, ...reportLines(running.report, paint)] : []),
    ...(last ? [`last      ${last.workflowId}`, ...reportLines(last.report, paint)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function reportLines(report: RescanReportView | null, paint: Paint): readonly string[] {
  if (!report) return ['          no report: it was stopped, or no worker answers'];
  const color = { clean: paint.green, bad: paint.red, incomplete: paint.yellow };
  const { outcome, counts, databaseAt } = report;
  const state = outcome === null ? 'under way' : color[outcome](outcome);
  const numbers = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return [
    `          ${state}, ${report.startedAt} to ${report.endedAt ?? 'now'}, advisories of ${databaseAt ?? '-'}`,
    `          ${numbers.join(', ')}`,
    ...report.found.map((line) => `          ${paint.yellow('!')} ${line}`),
    ...report.errors.map((line) => `          ${paint.red('✗')} ${line}`),
  ];
}

function formatImages(images: readonly KeptImageView[]): string {
  if (images.length === 0) return 'nothing of it is kept\n';
  return formatTable(['digest', 'kept by', 'verdict', 'scanned', 'refused'], images.map(toRow));
}

function toRow({ digest, kept, scan }: KeptImageView): readonly string[] {
  if (!scan) return [digest, kept.join(', '), '-', 'never', '-'];
  const { refused } = scan;
  const more = refused.length - MAX_REFUSED;
  const some = refused.slice(0, MAX_REFUSED).join(', ');
  const all = more > 0 ? `${some} and ${more} more` : some || '-';
  return [digest, kept.join(', '), scan.outcome, scan.at, all];
}
