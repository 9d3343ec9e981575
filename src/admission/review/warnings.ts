import type { Judged } from './judge-request';

/** For who asked, whether it is admitted or not. */
export function warningsOf({ guardrails }: Pick<Judged, 'guardrails'>): readonly string[] {
  return guardrails.warnings.map(({ rule, message }) => `[${rule}] ${message}`);
}
