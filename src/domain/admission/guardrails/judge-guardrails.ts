import type { GuardrailConfig, Mode } from './config';
import type { Breach, Guardrail, GuardrailSubject } from './guardrail';
import { modesOf } from './modes';
import { GUARDRAILS } from './rules';

export interface GuardrailVerdict {
  /** The workload is refused for these. */
  readonly denied: readonly Breach[];
  /** For who asked. */
  readonly warnings: readonly Breach[];
  /** For the audit log alone. */
  readonly audited: readonly Breach[];
}

/** By those of the rules that are not off in the namespace. */
export function createGuardrailJudge(
  config: GuardrailConfig,
  judgedBy: readonly Guardrail[] = GUARDRAILS,
): (subject: GuardrailSubject) => GuardrailVerdict {
  const rules = judgedBy.map((rule) => ({ rule, modeIn: modesOf(config, rule.id) }));
  return (subject) => {
    const found: Record<Mode, Breach[]> = { enforce: [], warn: [], audit: [], off: [] };
    for (const { rule, modeIn } of rules) {
      const mode = modeIn(subject.namespace);
      if (mode !== 'off') found[mode].push(...rule.judge(subject, config));
    }
    return { denied: found.enforce, warnings: found.warn, audited: found.audit };
  };
}

const ORDER: ReadonlyMap<string, number> = new Map(GUARDRAILS.map(({ id }, index) => [id, index]));

function inOrder(one: readonly Breach[], another: readonly Breach[]): readonly Breach[] {
  const orderOf = ({ rule }: Breach): number => ORDER.get(rule) ?? 0;
  return [...one, ...another].sort((a, b) => orderOf(a) - orderOf(b));
}

/** As by all rules at once, of verdicts by some rules and by the others. */
export function joinVerdicts(one: GuardrailVerdict, another: GuardrailVerdict): GuardrailVerdict {
  return {
    denied: inOrder(one.denied, another.denied),
    warnings: inOrder(one.warnings, another.warnings),
    audited: inOrder(one.audited, another.audited),
  };
}
