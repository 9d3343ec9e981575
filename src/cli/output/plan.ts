import type { PromotionPlan } from '../../contract/schema/api-promotion';
import type { RollbackPlan } from '../../contract/schema/api-rollback';
import { displayRelease, formatDuration, shortenDigest, type Paint } from './style';
import { formatTable } from './table';

export function formatPlan(plan: PromotionPlan, paint: Paint): string {
  const rows = plan.stages.map((stage) => [
    stage.title,
    stage.durationMs === null ? '-' : formatDuration(stage.durationMs),
    stage.maxMs === null ? '-' : formatDuration(stage.maxMs),
    stage.gate ?? '',
  ]);
  return [
    `${paint.bold(displayRelease(plan.releaseId))}  ${plan.repository}@${plan.digest ?? '(to be built)'}`,
    '',
    formatTable(['stage', 'at least', 'at most', 'gate'], rows),
    ...describeQueue(plan),
    ...plan.freezes.map((edge) => paint.yellow(describeEdge(edge))),
    describeApprovals(plan),
    `eta         ${formatDuration(plan.etaMs)} at least, once it runs`,
    `policy      ${plan.policyHash}`,
    ...describeProblems(plan.problems, paint),
    '',
  ].join('\n');
}

function describeQueue({ queue, existing }: PromotionPlan): readonly string[] {
  const running = queue.running === null ? '' : `, behind ${displayRelease(queue.running)}`;
  const place =
    queue.place === null ? 'the lane would refuse it' : `place ${queue.place}${running}`;
  return [
    `queue       ${place}`,
    ...(existing === null
      ? []
      : [`existing    ${displayRelease(existing)}: nothing new would start`]),
    ...(queue.supersedes.length === 0 ? [] : [`supersedes  ${queue.supersedes.join(', ')}`]),
    ...(queue.hold === null ? [] : [`hold        by ${queue.hold.by}: ${queue.hold.reason}`]),
  ];
}

function describeEdge({
  env,
  edge,
  cause,
  until,
  by,
  reason,
}: PromotionPlan['freezes'][number]): string {
  const end = until ?? (cause === 'stop' ? 'the line is resumed' : 'the freeze is deleted');
  return `edge        ${env} ${edge}: frozen until ${end}, by ${by ?? '?'} (${reason ?? '?'})`;
}

function describeApprovals({ approvals }: PromotionPlan): string {
  if (!approvals.required) return 'approvals   none needed';
  const who = `${approvals.missing} missing, role ${approvals.roles.join(' or ')}`;
  return `approvals   ${who}, not ${approvals.excluded.join(', ')}`;
}

export function formatRollbackPlan(plan: RollbackPlan, paint: Paint): string {
  return [
    `${paint.bold(`roll back ${plan.svc}`)}  prod:stable ${shortenDigest(plan.from)} to ${shortenDigest(plan.to)}`,
    ...(plan.preempts === null
      ? []
      : [`ends        ${displayRelease(plan.preempts)} as preempted`]),
    ...(plan.holdsLane ? [`afterwards  the lane is held until: plura reg resume ${plan.svc}`] : []),
    ...describeProblems(plan.problems, paint),
    '',
  ].join('\n');
}

function describeProblems(problems: PromotionPlan['problems'], paint: Paint): readonly string[] {
  return problems.map(({ code, message, remedy }) => {
    const help = remedy === undefined ? '' : `\n  do: ${remedy}`;
    return `${paint.red('✗')} ${message} ${paint.dim(`(${code})`)}${help}`;
  });
}
