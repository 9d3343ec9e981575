import type { GuardrailConfig, Mode } from './config';
import type { Breach, GuardrailSubject } from './guardrail';
import { modeOf } from './modes';
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
export function judgeGuardrails(
  config: GuardrailConfig,
  subject: GuardrailSubject,
): GuardrailVerdict {
  const found = GUARDRAILS.map((rule) => {
    const mode = modeOf(config, rule.id, subject.namespace);
    return { mode, breaches: mode === 'off' ? [] : rule.judge(subject, config) };
  });
  const inMode = (mode: Mode): readonly Breach[] =>
    found.filter((one) => one.mode === mode).flatMap(({ breaches }) => breaches);
  return { denied: inMode('enforce'), warnings: inMode('warn'), audited: inMode('audit') };
}
