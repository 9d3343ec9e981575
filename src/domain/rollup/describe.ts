import { shortDigest } from '../digest';
import type { RollupItemState } from '../rollup';
import {
  countStates,
  describeCause,
  type BaseMove,
  type RollupReport,
  type RollupTask,
} from './report';

const TITLES: readonly (readonly [RollupItemState, string])[] = [
  ['failed', 'Failed or taken back'],
  ['held', 'Held'],
  ['released', 'Rebuilt and released'],
  ['unchanged', 'Rebuilt, and nothing changed'],
  ['promoting', 'Being promoted'],
  ['building', 'Being built'],
  ['waiting', 'Waiting'],
  ['opted-out', 'Opted out'],
  ['not-rebuildable', 'Not rebuildable'],
];

/** `bases/static 13_20261101 -> 13_20261130`. */
export function describeMove({ repository, from, fromTag, toTag }: BaseMove): string {
  return `${repository} ${fromTag ?? shortDigest(from)} -> ${toTag}`;
}

/** `3 released, 1 failed`; what is nothing is left out. */
export function describeCounts(tasks: readonly Pick<RollupTask, 'state'>[]): string {
  const counts = countStates(tasks);
  const said = TITLES.flatMap(([state]) =>
    counts[state] > 0 ? [`${counts[state]} ${state}`] : [],
  );
  return said.join(', ') || 'nothing to rebuild';
}

function describeTask(task: RollupTask): string {
  const { svc, version, moves, reason, fixed, startedAt, endedAt } = task;
  return [
    `- ${svc}${version === null || startedAt === null ? '' : ` ${version}`}`,
    ...(moves.length === 0 ? [] : [moves.map(describeMove).join(', ')]),
    ...(startedAt === null ? [] : [`${startedAt}${endedAt === null ? '' : ` to ${endedAt}`}`]),
    ...(fixed.length === 0 ? [] : [`fixes ${fixed.join(', ')}`]),
    ...(reason === '' ? [] : [reason]),
  ].join('; ');
}

function describePhase({ outcome, paused, wave, waves }: RollupReport): string {
  return outcome ?? (paused ? 'paused' : `under way, wave ${wave} of ${waves.length}`);
}

/** The report as people read it: what was rebuilt, from which base to which, what was not, and why. Markdown. */
export function describeRollup(report: RollupReport): string {
  const { id, cause, startedAt, endedAt, reason, current, tasks, notes } = report;
  const sections = TITLES.flatMap(([state, title]) => {
    const own = tasks.filter((task) => task.state === state);
    return own.length === 0
      ? []
      : [`**${title}** (${own.length})`, own.map(describeTask).join('\n')];
  });
  return [
    `### Rollup ${id}: ${describePhase(report)}`,
    `Because of ${describeCause(cause)}. From ${startedAt}${endedAt === null ? '' : ` to ${endedAt}`}.`,
    ...(reason === null ? [] : [reason]),
    `${describeCounts(tasks)}; ${current} on the newest bases already.`,
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
    ...sections,
  ].join('\n\n');
}
