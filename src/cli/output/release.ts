import type { ReleaseView } from '../../contract/schema/api-release';
import { displayRelease, formatDuration, type Paint } from './style';

type Step = ReleaseView['steps'][number];

const MARKS: Record<Step['state'], string> = {
  running: '…',
  done: '✓',
  failed: '✗',
  compensated: '↩',
  'compensation-failed': '‼',
};

/** One line of a step, with the time it took or has taken so far. */
export function formatStep(step: Step, now: number, paint: Paint): string {
  const ended = step.endedAt === undefined ? now : Date.parse(step.endedAt);
  const took = formatDuration(Math.max(0, ended - Date.parse(step.startedAt)));
  const note = step.note === undefined ? '' : paint.dim(`  ${step.note}`);
  return `${colorOf(step.state, paint)(MARKS[step.state])} ${step.title.padEnd(34)} ${took.padStart(12)}${note}`;
}

export function formatVerdict(verdict: ReleaseView['verdicts'][number], paint: Paint): string {
  const color = verdict.outcome === 'pass' ? paint.green : paint.yellow;
  const why = verdict.reasons.length > 0 ? `: ${verdict.reasons.join('; ')}` : '';
  return `${color(verdict.outcome.padEnd(12))} ${`${verdict.gate} ${verdict.subject}`.trim()}${why}`;
}

/** The whole of a release as a block of lines. */
export function formatRelease(release: ReleaseView, now: number, paint: Paint): readonly string[] {
  const ended = release.endedAt === undefined ? now : Date.parse(release.endedAt);
  const total = formatDuration(Math.max(0, ended - Date.parse(release.requestedAt)));
  const held = release.verdicts.filter((verdict) => verdict.outcome !== 'pass');
  return [
    `${paint.bold(displayRelease(release.releaseId))}  ${formatState(release, paint)}  ${total}`,
    paint.dim(
      `${release.repository}@${release.digest ?? 'not built yet'}, by ${release.requestedBy}`,
    ),
    ...release.steps.map((step) => `  ${formatStep(step, now, paint)}`),
    ...held.map((verdict) => `  ${formatVerdict(verdict, paint)}`),
    ...release.approvals.map(
      ({ actor, via, at, comment }) =>
        `  approved by ${actor} (${via}) at ${at}${comment === undefined ? '' : `: ${comment}`}`,
    ),
    ...(release.reason === undefined ? [] : [`  ${release.reason}`]),
  ];
}

function formatState(release: ReleaseView, paint: Paint): string {
  if (release.outcome === undefined) return paint.cyan(release.stage);
  return release.outcome === 'released' ? paint.green(release.outcome) : paint.red(release.outcome);
}

function colorOf(state: Step['state'], paint: Paint): (text: string) => string {
  if (state === 'done') return paint.green;
  if (state === 'running') return paint.cyan;
  return state === 'compensated' ? paint.yellow : paint.red;
}
