import type { ReadEvidence } from './evidence';
import type { WindowJudge } from './evidence-replay';
import { judgeSamples } from './judge/judge-samples';
import type { Guardrails } from './policy';
import type { JudgePlan } from './plan';
import type { ReleaseOutcome } from './release';
import type { VerdictOutcome } from './verdict';
import { rejudgeWindow, type Rejudged } from './what-if-window';

/** Parts of a judge that can be changed afterwards; intervals and extensions have left their mark on the samples. */
export type JudgeRules = Partial<
  Pick<JudgePlan, 'minSamples' | 'falseAlarmRate' | 'errors' | 'metrics'>
>;

/** What of a policy or a plan stored windows can be judged by; what it leaves out stays as each window had it. */
export interface WhatIfRules {
  readonly canary: Partial<Guardrails>;
  readonly observation: Partial<Guardrails>;
  readonly judge: JudgeRules;
}

export interface StoredWindow {
  readonly gate: 'canary' | 'observation';
  readonly subject: string;
  /** As it was judged last. */
  readonly outcome: VerdictOutcome;
  readonly evidence: ReadEvidence;
}

export interface StoredRelease {
  readonly outcome: ReleaseOutcome;
  /** Why it ended; names the gate and subject that stopped it. */
  readonly reason: string;
  /** In the order they were judged. */
  readonly windows: readonly StoredWindow[];
}

/** Whether a release would have gone another way; `window` is where the ways part. */
export type WhatIf =
  | { readonly change: 'none' }
  | { readonly change: 'stopped'; readonly window: string; readonly why: string }
  /** It would have passed the window that stopped it. What would have come after it, nobody knows. */
  | { readonly change: 'goes-on'; readonly window: string; readonly why: string }
  | { readonly change: 'unknown'; readonly window: string; readonly why: string };

export interface WhatIfAnswer {
  readonly result: WhatIf;
  /** What of the rules could not be applied to its windows. */
  readonly notes: readonly string[];
}

const STOPPED_BY_GATE: readonly ReleaseOutcome[] = ['rejected', 'failed'];

const nameOf = ({ gate, subject }: StoredWindow): string => `${gate} ${subject}`;

/** A release that was aborted in a window, or timed out, was not stopped by it. */
function endedBy(release: StoredRelease, window: StoredWindow): boolean {
  return STOPPED_BY_GATE.includes(release.outcome) && release.reason.includes(`${nameOf(window)}:`);
}

function compare(release: StoredRelease, window: StoredWindow, now: Rejudged): WhatIf | null {
  const name = nameOf(window);
  if (!now.judged) return { change: 'unknown', window: name, why: now.why };
  if (window.outcome === 'pass') {
    if (now.outcome === 'pass') return null;
    const why = [now.outcome, ...now.reasons].join(': ');
    return { change: 'stopped', window: name, why };
  }
  if (!endedBy(release, window) || now.outcome === 'fail') return null;
  if (now.outcome === 'pass' && now.whole) {
    return { change: 'goes-on', window: name, why: 'pass' };
  }
  // An undecided window stays undecided; one that had failed would have been left open.
  return window.outcome === 'fail' || now.outcome === 'pass'
    ? { change: 'goes-on', window: name, why: `${now.outcome} so far; the window was not over` }
    : null;
}

/**
 * Judges the windows of a release again by other rules, each by what its last judgement saw: an earlier checkpoint
 * might have ended it sooner. The first window that differs decides.
 */
export function judgeWhatIf(
  release: StoredRelease,
  rules: WhatIfRules,
  judge: WindowJudge = judgeSamples,
): WhatIfAnswer {
  const notes = new Set<string>();
  let doubt: WhatIf | null = null;
  for (const window of release.windows) {
    const now = rejudgeWindow(window, rules, judge);
    for (const note of now.notes) notes.add(note);
    const result = compare(release, window, now);
    if (result?.change === 'unknown') doubt ??= result;
    else if (result) return { result, notes: [...notes] };
  }
  return { result: doubt ?? { change: 'none' }, notes: [...notes] };
}
