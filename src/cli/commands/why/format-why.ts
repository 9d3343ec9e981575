import type { WhyView } from '../../../contract/schema/api-allow';
import type { Paint } from '../../output/style';
import { plain } from '../verdict/plain-text';

type Step = WhyView['steps'][number];

const MARKS = { allows: '✓', ok: '✓', blocks: '✗', lacks: '-', unknown: '?', none: ' ' } as const;

function formatStep({ check, state, text }: Step, paint: Paint): string {
  const mark = MARKS[state];
  const painted =
    state === 'allows' ? paint.green(mark) : state === 'blocks' ? paint.red(mark) : mark;
  return `  ${painted} ${check.padEnd(11)} ${plain(text)}`;
}

function answerOf(view: WhyView, paint: Paint): string {
  const { allowed, evidence, namespace, environment, expiresAt } = view;
  const place = environment === null ? namespace : `${namespace} (${environment})`;
  if (!allowed || evidence === 'fails') return `${paint.red('may not run')} in ${place}`;
  const until = expiresAt === null ? '' : ` until ${expiresAt}`;
  if (evidence === 'holds') return `${paint.green('may run')} in ${place}${until}`;
  return `${paint.yellow('may run')} in ${place}${until} if its evidence holds: not all of it could be asked`;
}

export function formatWhy(view: WhyView, paint: Paint): string {
  const lines = [
    paint.bold(`${view.repository}@${view.digest}`),
    answerOf(view, paint),
    ...view.steps.map((step) => formatStep(step, paint)),
  ];
  return `${lines.join('\n')}\n`;
}
