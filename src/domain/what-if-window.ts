import type { ReadEvidence, WindowEvidence } from './evidence';
import type { WindowJudge } from './evidence-replay';
import { judgeWindow } from './judge';
import type { ComparedMetric, JudgePlan } from './plan';
import type { VerdictOutcome } from './verdict';
import type { JudgeRules, StoredWindow, WhatIfRules } from './what-if';

export type Rejudged =
  | {
      readonly judged: true;
      readonly outcome: VerdictOutcome;
      readonly reasons: readonly string[];
      /** The measured range covers the window; else it had been ended early. */
      readonly whole: boolean;
      readonly notes: readonly string[];
    }
  | { readonly judged: false; readonly why: string; readonly notes: readonly string[] };

/** Judges one stored window by other rules, as far as what was stored allows. */
export function rejudgeWindow(
  window: StoredWindow,
  rules: WhatIfRules,
  judge: WindowJudge,
): Rejudged {
  const { evidence } = window;
  switch (evidence.kind) {
    case 'window':
      return rejudgeSamples(evidence.evidence, rules, window.gate, judge);
    case 'measurement':
      return rejudgeMeasurement(window, evidence, rules);
    case 'unreadable':
      return unjudged(`its evidence can't be read: ${evidence.why}`);
    case 'other':
      return unjudged(
        window.outcome === 'error'
          ? 'it could not be measured, so there is nothing to judge'
          : 'no evidence was kept that could be judged',
      );
  }
}

function unjudged(why: string): Rejudged {
  return { judged: false, why, notes: [] };
}

function rejudgeMeasurement(
  window: StoredWindow,
  { sample, guardrails, staleAfterMs }: Extract<ReadEvidence, { readonly kind: 'measurement' }>,
  rules: WhatIfRules,
): Rejudged {
  const { outcome, reasons } = judgeWindow({
    sample,
    guardrails: { ...guardrails, ...rules[window.gate] },
    staleAfterMs,
    windowMs: 0,
  });
  if (outcome === 'pass' && Object.keys(rules.judge).length > 0) {
    return unjudged('its guardrails hold, but no samples were kept that could be compared');
  }
  // How long it should have lasted was not kept; only a fail ends a window early.
  return { judged: true, outcome, reasons, whole: window.outcome !== 'fail', notes: [] };
}

function rejudgeSamples(
  { input, from, to }: WindowEvidence,
  rules: WhatIfRules,
  gate: StoredWindow['gate'],
  judge: WindowJudge,
): Rejudged {
  const { plan, notes } = applyRules(rules.judge, input.judge);
  const guardrails = { ...input.guardrails, ...rules[gate] };
  const answer = judge({ ...input, guardrails, judge: plan });
  return {
    judged: true,
    outcome: answer.outcome,
    reasons: answer.reasons,
    whole: Date.parse(to) - Date.parse(from) >= input.windowMs,
    notes,
  };
}

/** Samples are what they are: of the metrics wanted only those can be judged that were sampled by the very query. */
function applyRules(
  rules: JudgeRules,
  sampled: JudgePlan,
): { readonly plan: JudgePlan; readonly notes: readonly string[] } {
  const wanted = rules.metrics ?? sampled.metrics;
  const isSampled = (metric: ComparedMetric): boolean =>
    sampled.metrics.some((one) => one.name === metric.name && one.query === metric.query);
  return {
    plan: { ...sampled, ...rules, metrics: wanted.filter(isSampled) },
    notes: wanted
      .filter((metric) => !isSampled(metric))
      .map(({ name }) => `metric ${name}: some windows have no samples of its query`),
  };
}
