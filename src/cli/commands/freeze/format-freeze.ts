import type {
  EdgeView,
  FreezeCheck,
  FreezeView,
  StopView,
} from '../../../contract/schema/api-freeze';
import { describeSchedule } from '../../../domain/freeze-schedule';
import type { Paint } from '../../output/style';
import { formatTable } from '../../output/table';

type Stretch = FreezeView['next'][number];

function formatStretch({ from, to }: Stretch): string {
  return `${from} to ${to}`;
}

export function scopeOf(svc: string | null): string {
  return svc ?? 'all services';
}

export function formatFreeze(freeze: FreezeView, paint: Paint): string {
  const [first, ...later] = freeze.next.map(formatStretch);
  const lines = [
    paint.bold(freeze.name),
    `  closes    ${scopeOf(freeze.svc)}, ${freeze.environments.join(' and ')}`,
    `  when      ${describeSchedule(freeze.schedule)}`,
    `  why       ${freeze.reason}`,
    `  by        ${freeze.createdBy}, ${freeze.createdAt}`,
    `  next      ${first ?? 'never again'}`,
    ...later.map((line) => `            ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

export function describeStop({ svc, by, at, reason }: StopView): string {
  return `The line of ${scopeOf(svc)} is stopped since ${at} by ${by}: ${reason}`;
}

export function toRow(freeze: FreezeView): readonly string[] {
  const [next] = freeze.next;
  const when =
    freeze.deletedAt === null
      ? ((next && formatStretch(next)) ?? 'never again')
      : `deleted ${freeze.deletedAt}`;
  const { name, svc, environments, reason, createdBy } = freeze;
  return [name, scopeOf(svc), environments.join(', '), when, reason, createdBy];
}

function describeEdge(edge: EdgeView, paint: Paint): readonly string[] {
  const what = `${edge.env} ${edge.edge}`;
  if (edge.state === 'open') return [what, paint.green('open'), '', '', ''];
  const until = edge.until ?? 'someone opens it';
  const why = edge.cause === 'stop' ? 'line stopped' : `freeze ${edge.name ?? ''}`;
  return [what, paint.red('frozen'), until, why, `${edge.reason ?? ''} (${edge.by ?? ''})`];
}

export function formatCheck(check: FreezeCheck, paint: Paint): string {
  const edges = formatTable(
    ['step', 'state', 'until', 'through', 'why'],
    check.edges.map((edge) => describeEdge(edge, paint)),
  );
  const next = check.next.map(
    ({ name, environments, reason, ...stretch }) =>
      `  ${formatStretch(stretch)}  ${environments.join(', ')}  ${name}: ${reason}\n`,
  );
  return [
    `${paint.bold(check.svc)} at ${check.at}\n\n`,
    edges,
    ...(next.length > 0 ? ['\nNext:\n', ...next] : []),
    '\nRollback and abort are never frozen.\n',
  ].join('');
}
