import type { Breach } from '../../domain/admission/guardrails/guardrail';
import { guardrailOf } from '../../domain/admission/guardrails/rules';
import { MAX_WARNING } from '../answer';
import type { Judged } from './judge-request';

function say({ rule, message }: Breach): string {
  return `[${rule}] ${message}`;
}

/** A warning that is too long would be cut where the remedy stands. */
function withRemedy(breach: Breach): readonly string[] {
  const { remedy } = guardrailOf(breach.rule);
  const whole = `${say(breach)}: ${remedy}`;
  if (whole.length <= MAX_WARNING) return [whole];
  return [say(breach), `[${breach.rule}] to mend it: ${remedy}`];
}

/**
 * For who asked, whether it is admitted or not. Of each rule first one breach with what to do, since of too many warnings the last
 * are left out.
 */
export function warningsOf({ guardrails }: Pick<Judged, 'guardrails'>): readonly string[] {
  const firsts = new Map<string, Breach>();
  for (const breach of guardrails.warnings) {
    if (!firsts.has(breach.rule)) firsts.set(breach.rule, breach);
  }
  const others = guardrails.warnings.filter((breach) => firsts.get(breach.rule) !== breach);
  return [...[...firsts.values()].flatMap(withRemedy), ...others.map(say)];
}
