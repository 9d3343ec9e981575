import type { GcPlanDetail, GcPlanView } from '../../../contract/schema/api-gc';
import { formatBytes } from '../../output/bytes';
import type { Paint } from '../../output/style';
import { formatTable } from '../../output/table';

const MAX_UNKNOWN = 5;

function colored(state: GcPlanView['state'], paint: Paint): string {
  if (state === 'ready' || state === 'done') return paint.green(state);
  return state === 'over-budget' || state === 'stopped' ? paint.yellow(state) : state;
}

function settledLines({
  state,
  settled,
  startedAt,
  endedAt,
  runId,
}: GcPlanView): readonly string[] {
  if (runId === null) return [];
  const { deleted, skipped, failed, bytes } = settled;
  const counts = `deleted ${deleted}, skipped ${skipped}, failed ${failed}, freed by plan ${formatBytes(bytes)}`;
  const until = state === 'running' ? 'now' : (endedAt ?? '-');
  return [`run       ${runId}, ${startedAt ?? '-'} to ${until}`, `          ${counts}`];
}

function unknownLines({ unknown, unknownCount }: GcPlanView): readonly string[] {
  if (unknownCount === 0) return [];
  const shown = unknown.slice(0, MAX_UNKNOWN);
  const more = unknownCount - shown.length;
  return [
    'kept, since something is not known:',
    ...shown.map((line) => `  ? ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** A plan for people: what it deletes by repository and rule, where it is over budget, and what is unknown. */
export function formatPlan(plan: GcPlanDetail, paint: Paint): string {
  const { totals, approval, groups, breaches, blockedBy } = plan;
  const rows = groups.map(({ repository, rule, tags, manifests, bytes }) => [
    ...[repository, rule, String(tags), String(manifests), formatBytes(bytes)],
  ]);
  const lines = [
    `plan      ${plan.id}, ${colored(plan.state, paint)}`,
    `scope     ${plan.repository ?? 'all of the registry'}: ${totals.repositories} repositories, ${totals.manifests} manifests, ${totals.tags} tags`,
    `made      ${plan.madeAt} by ${plan.madeBy}, runs until ${plan.expiresAt}`,
    `deletes   ${totals.deleteTags} tags and ${totals.deleteManifests} manifests; frees ${formatBytes(totals.freeBytes)} in ${totals.freeBlobs} blobs`,
    ...(totals.orphanBlobs > 0
      ? [
          `besides   ${formatBytes(totals.orphanBytes)} in ${totals.orphanBlobs} blobs that no manifest names`,
        ]
      : []),
    ...(approval ? [`approved  ${approval.at} by ${approval.by}: ${approval.reason}`] : []),
    ...settledLines(plan),
    ...breaches.map(({ why }) => `${paint.yellow('!')} ${why}`),
    ...unknownLines(plan),
    ...(blockedBy === null ? [] : [`may not run: ${blockedBy}`]),
  ];
  const table =
    rows.length === 0
      ? ''
      : `\n${formatTable(['repository', 'rule', 'tags', 'manifests', 'frees'], rows)}`;
  return `${lines.join('\n')}\n${table}`;
}
