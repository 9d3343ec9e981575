import type { ExceptionDetail, ExceptionView } from '../../../contract/schema/api-exception';
import type { Paint } from '../../output/style';

function packageOf({ package: name, version }: ExceptionView): string {
  return version === null ? name : `${name}@${version}`;
}

function scopeOf({ svc }: ExceptionView): string {
  return svc ?? 'all services';
}

function stateOf({ state, left }: ExceptionView, paint: Paint): string {
  if (state === 'approved') return paint.green(`in force, ends in ${left}`);
  return state === 'requested' ? 'waits for an approval: covers nothing' : paint.red(state);
}

export function formatException(exception: ExceptionView, paint: Paint): string {
  const { approvedBy, approvedAt, revokedBy, revokedAt, revokeReason } = exception;
  const lines = [
    `${paint.bold(exception.id)}  ${stateOf(exception, paint)}`,
    `  for       ${exception.vulnerability} in ${packageOf(exception)}`,
    `  where     ${scopeOf(exception)}`,
    ...(exception.kind === 'break-glass' ? [`  kind      ${paint.red('break-glass')}`] : []),
    `  until     ${exception.expiresAt}`,
    `  owner     ${exception.owner}`,
    `  why       ${exception.reason}`,
    `  asked     ${exception.requestedBy}, ${exception.requestedAt}`,
    ...(approvedBy === null ? [] : [`  approved  ${approvedBy}, ${approvedAt ?? ''}`]),
    ...(revokedBy === null
      ? []
      : [`  revoked   ${revokedBy}, ${revokedAt ?? ''}: ${revokeReason ?? ''}`]),
  ];
  return `${lines.join('\n')}\n`;
}

export function formatDetail(exception: ExceptionDetail, paint: Paint): string {
  const covers = exception.covers.map(({ svc, digest, channels }) => {
    const where = channels.length === 0 ? 'in no channel' : channels.join(', ');
    return `            ${svc} ${digest}  ${where}`;
  });
  const rests =
    covers.length === 0
      ? '  covers    no digest that passed a scan\n'
      : `  covers\n${covers.join('\n')}\n`;
  return formatException(exception, paint) + rests;
}

export function toRow(exception: ExceptionView): readonly string[] {
  const { id, kind, state, vulnerability, left, expiresAt, owner, reason } = exception;
  const what = kind === 'break-glass' ? `${vulnerability} (break-glass)` : vulnerability;
  return [
    ...[id, state, what, packageOf(exception), scopeOf(exception)],
    ...[left === '' ? '-' : left, expiresAt, owner, reason],
  ];
}
