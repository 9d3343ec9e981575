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
  const checks = view.steps.filter(({ state }) => state === 'unknown').map(({ check }) => check);
  const unasked = [...new Set(checks)].join(', ');
  return `${paint.yellow('nobody can tell whether it may run')} in ${place}: ${unasked} could not be found out, and admission lets nothing in by that`;
}

export function formatWhy(view: WhyView, paint: Paint): string {
  const lines = [
    paint.bold(view.digest === null ? view.image : `${view.repository}@${view.digest}`),
    answerOf(view, paint),
    ...view.steps.map((step) => formatStep(step, paint)),
  ];
  return `${lines.join('\n')}\n`;
}
