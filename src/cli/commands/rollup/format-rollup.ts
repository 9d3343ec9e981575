import type { RollupView } from '../../../contract/schema/api-rollup';
import { isDigest, type Digest } from '../../../domain/digest';
import { describeCounts, describeMove } from '../../../domain/rollup/describe';
import { describeCause } from '../../../domain/rollup/report';
import { shortenDigest, type Paint } from '../../output/style';
import { formatTable } from '../../output/table';

type TaskView = RollupView['tasks'][number];

function stateOf({ outcome, paused, stopped }: RollupView): string {
  return outcome ?? stopped ?? (paused ? 'paused' : 'under way');
}

function paintState(state: TaskView['state'], paint: Paint): string {
  if (state === 'released' || state === 'unchanged') return paint.green(state);
  if (state === 'failed') return paint.red(state);
  return state === 'held' ? paint.yellow(state) : state;
}

function movesOf({ moves }: TaskView): string {
  const shown = moves.map(({ from, to, ...move }) =>
    describeMove({ ...move, from: asDigest(from), to: asDigest(to) }),
  );
  return shown.join(', ') || '-';
}

/** What the API shows is text; what is no digest has no short form. */
function asDigest(text: string): Digest {
  return isDigest(text) ? text : 'sha256:';
}

export function countsOf({ tasks }: RollupView): string {
  return describeCounts(tasks);
}

export function formatRollup(rollup: RollupView, paint: Paint): string {
  const { id, cause, startedAt, endedAt, reason, wave, waves, current, tasks, notes } = rollup;
  const lines = [
    `${id}  ${stateOf(rollup)}  ${describeCause(cause)}`,
    `${startedAt}${endedAt === null ? '' : ` to ${endedAt}`}  waves ${wave}/${waves.length} of ${waves.map(({ size }) => size).join(' + ') || '0'}`,
    `${countsOf(rollup)}; ${current} on the newest bases already`,
    ...(rollup.soakUntil === null || rollup.outcome !== null
      ? []
      : [`watching wave ${wave} until ${rollup.soakUntil}`]),
    ...(reason === null ? [] : [paint.yellow(reason)]),
    ...notes,
  ];
  const rows = tasks.map((task) => [
    task.svc,
    task.wave === 0 ? '-' : String(task.wave),
    paintState(task.state, paint),
    task.version ?? '-',
    movesOf(task),
    shortenDigest(task.rebuilt),
    [task.reason, ...(task.fixed.length === 0 ? [] : [`fixes ${task.fixed.join(', ')}`])]
      .filter((text) => text !== '')
      .join('; '),
  ]);
  const head = ['service', 'wave', 'state', 'version', 'bases', 'rebuilt', 'why'];
  return `${lines.join('\n')}\n${rows.length === 0 ? '' : formatTable(head, rows)}`;
}
