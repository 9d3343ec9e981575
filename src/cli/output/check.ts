import type {
  CheckReportView,
  ChecksView,
  ServiceCheckView,
} from '../../contract/schema/api-check';
import { scheduleLine } from './schedule';
import { shortenDigest, type Paint } from './style';

export function formatChecks(
  { schedule, running, last, checks, rollbacks }: ChecksView,
  paint: Paint,
): string {
  const lines = [
    scheduleLine(schedule, 'control'),
    ...(running ? [`running   ${running.workflowId}`, ...reportLines(running.report, paint)] : []),
    ...(last ? [`last      ${last.workflowId}`, ...reportLines(last.report, paint)] : []),
    ...checks.flatMap((check) => checkLines(check, paint)),
    ...rollbacks.map(rollbackLine),
  ];
  return `${lines.join('\n')}\n`;
}

function reportLines(report: CheckReportView | null, paint: Paint): readonly string[] {
  if (!report) return ['          no report: it was stopped, or no worker answers'];
  const { outcome, counts, at } = report;
  const color = { clean: paint.green, failing: paint.yellow, incomplete: paint.red };
  const state = outcome === null ? `at ${at ?? 'the start'}` : color[outcome](outcome);
  const numbers = Object.entries(counts)
    .filter(([name, count]) => count > 0 || ['services', 'digests'].includes(name))
    .map(([name, count]) => `${name} ${count}`);
  return [
    `          ${state}, ${report.startedAt} to ${report.endedAt ?? 'now'}`,
    `          ${numbers.join(', ')}`,
    ...report.errors.map((line) => `          ${paint.red('✗')} ${line}`),
  ];
}

function checkLines(check: ServiceCheckView, paint: Paint): readonly string[] {
  const color = {
    ok: paint.green,
    unchecked: paint.yellow,
    failing: paint.red,
    'rolled-back': paint.red,
  };
  const { svc, outcome, digests, since, at, runs, note, findings } = check;
  const times = runs === 1 ? at : `${since} to ${at}, ${runs} runs`;
  return [
    `${svc}  ${color[outcome](outcome)}, ${digests} digest(s), ${times}`,
    ...(note === '' ? [] : [`          ${note}`]),
    ...findings.map(
      ({ check: name, result, where, digest, reason }) =>
        `          ${paint.red('✗')} ${where.join(', ')} ${shortenDigest(digest)}: ${name} ${result}: ${reason}`,
    ),
  ];
}

function rollbackLine({ at, from, to, end, note }: ChecksView['rollbacks'][number]): string {
  const ended = end ?? 'under way';
  return `rollback  ${at}  ${shortenDigest(from)} → ${shortenDigest(to)}  ${ended}${note && `: ${note}`}`;
}
