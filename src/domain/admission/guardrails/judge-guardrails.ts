import type { GuardrailConfig, Mode } from './config';
import type { Breach, GuardrailSubject } from './guardrail';
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

/** By all rules that are not off in the namespace. */
export function createGuardrailJudge(
  config: GuardrailConfig,
): (subject: GuardrailSubject) => GuardrailVerdict {
  const rules = GUARDRAILS.map((rule) => ({ rule, modeIn: modesOf(config, rule.id) }));
  return (subject) => {
    const found: Record<Mode, Breach[]> = { enforce: [], warn: [], audit: [], off: [] };
    for (const { rule, modeIn } of rules) {
      const mode = modeIn(subject.namespace);
      if (mode !== 'off') found[mode].push(...rule.judge(subject, config));
    }
    return { denied: found.enforce, warnings: found.warn, audited: found.audit };
  };
}
