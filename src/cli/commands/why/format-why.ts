import type { WhyView } from '../../../contract/schema/api-allow';
import type { Paint } from '../../output/style';
import { plain } from '../verdict/plain-text';

type Step = WhyView['steps'][number];

const MARKS = { allows: '✓', ok: '✓', blocks: '✗', lacks: '-', none: ' ' } as const;

function formatStep({ check, state, text }: Step, paint: Paint): string {
  const mark = MARKS[state];
  const painted =
    state === 'allows' ? paint.green(mark) : state === 'blocks' ? paint.red(mark) : mark;
  return `  ${painted} ${check.padEnd(11)} ${plain(text)}`;
}

function answerOf({ allowed, namespace, environment, expiresAt }: WhyView, paint: Paint): string {
  const place = environment === null ? namespace : `${namespace} (${environment})`;
  if (!allowed) return `${paint.red('may not run')} in ${place}`;
  const until = expiresAt === null ? '' : ` until ${expiresAt}`;
  return `${paint.green('may run')} in ${place}${until}`;
}

export function formatWhy(view: WhyView, paint: Paint): string {
  const lines = [
    paint.bold(`${view.repository}@${view.digest}`),
    answerOf(view, paint),
    ...view.steps.map((step) => formatStep(step, paint)),
  ];
  return `${lines.join('\n')}\n`;
}
