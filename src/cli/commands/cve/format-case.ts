import type { CaseDetail, CaseView } from '../../../contract/schema/api-advisory';
import { formatDuration, shortenDigest, type Paint } from '../../output/style';
import { formatTable } from '../../output/table';

/** `12 h 5 min left`, `overdue by 3 h`. */
export function formatRemaining(remainingMs: number | null, paint: Paint): string {
  if (remainingMs === null) return '-';
  if (remainingMs < 0) return paint.red(`overdue by ${formatDuration(-remainingMs)}`);
  return `${formatDuration(remainingMs)} left`;
}

function placesOf({ look }: CaseView): string {
  if (!look) return 'not looked at';
  const unknown = look.unknown.length > 0 ? `, ${look.unknown.length} not known` : '';
  return `${look.affected.length + look.more} places${unknown}`;
}

export function formatCases(cases: readonly CaseView[], paint: Paint): string {
  if (cases.length === 0) return 'no case is open\n';
  const rows = cases.map((one) => [
    one.advisory,
    one.severity,
    one.closedAt === null ? formatRemaining(one.remainingMs, paint) : `closed ${one.closedAt}`,
    one.dueAt,
    one.closedAt === null ? placesOf(one) : (one.resolution?.kind ?? '-'),
    String(one.look?.todo.length ?? 0),
  ]);
  return formatTable(['advisory', 'severity', 'clock', 'due', 'left', 'to do'], rows);
}

function endOf({ closedAt, resolution }: CaseView): string {
  if (resolution?.kind === 'withdrawn') {
    return `closed at ${closedAt ?? ''}: newer databases say of nothing that it is hit, or not as Critical or High`;
  }
  if (resolution?.kind !== 'not-affected') {
    return `closed at ${closedAt ?? ''}: nothing affected was left`;
  }
  const { justification, reason, by, until } = resolution;
  const holds = until === null ? '' : `, until ${until}`;
  return `closed at ${closedAt ?? ''} by ${by}, ${justification}: ${reason}${holds}`;
}

function stateLines(one: CaseView, paint: Paint): readonly string[] {
  if (one.closedAt !== null) return [endOf(one)];
  const { extension, look } = one;
  return [
    `due ${one.dueAt}, ${formatRemaining(one.remainingMs, paint)}`,
    ...(extension ? [`extended by ${extension.by}: ${extension.reason}`] : []),
    one.why ?? '',
    ...(one.pulledUntil ? [one.pulledUntil] : []),
    ...(look?.unknown ?? []).map((line) => `${paint.yellow('?')} ${line}`),
    ...(look?.unmatched ?? []).map((line) => `${paint.yellow('?')} not matched yet: ${line}`),
    ...(look?.todo ?? []).map((line) => `${paint.yellow('!')} ${line}`),
  ];
}

function doneTo({ acts, cutAt }: CaseDetail['hits'][number]): string {
  const done = acts.map((act) => (act === 'quarantined' && cutAt ? `${act} at ${cutAt}` : act));
  return done.join(', ') || '-';
}

function formatHits({ hits, hitCount }: CaseDetail): string {
  const rows = hits.map((hit) => [
    hit.svc,
    shortenDigest(hit.digest),
    hit.purl,
    hit.fixedVersion ?? 'none',
    [...hit.channels, ...hit.running].join(', ') || '-',
    doneTo(hit),
  ]);
  const more = hitCount - hits.length;
  const table = formatTable(['service', 'digest', 'package', 'fixed in', 'was in', 'done'], rows);
  return more > 0 ? `${table}and ${more} more\n` : table;
}

export function formatTimeline(one: CaseDetail, paint: Paint): string {
  const lines = [
    `${one.advisory}  ${one.severity}  since ${one.openedAt}`,
    ...stateLines(one, paint),
  ];
  const events = one.timeline.map(({ at, kind, actor, text }) => [at, kind, actor, text]);
  return [
    `${lines.join('\n')}\n`,
    formatHits(one),
    formatTable(['time', 'what', 'by', 'text'], events),
  ].join('\n');
}
