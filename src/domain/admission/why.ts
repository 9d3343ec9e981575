import type { Gate } from '../verdict';
import type { AllowFacts, EvidenceFact } from './allow-facts';
import type { AllowDecision } from './allow-list';
import type { AllowFinding, AllowReason } from './allow-reason';

/** In the order that people read them: what beats the rest comes first. */
export const WHY_CHECKS = [
  'namespace',
  'quarantine',
  'denial',
  'binding',
  'channel',
  'window',
  'hold',
  'grant',
  'system',
  'cve',
  'signature',
  'sbom',
  'provenance',
] as const;
export type WhyCheck = (typeof WHY_CHECKS)[number];

export const WHY_STATES = ['allows', 'blocks', 'lacks', 'unknown', 'ok', 'none'] as const;

/** One link of the chain. `ok` and `none` decide nothing; `unknown` is what could not be asked, and admission lets nothing in by it. */
export interface WhyStep {
  readonly check: WhyCheck;
  readonly state: (typeof WHY_STATES)[number];
  readonly text: string;
}

const CHECK_OF: Readonly<Record<AllowFinding['kind'], WhyCheck>> = {
  channel: 'channel',
  'rollback-window': 'window',
  hold: 'hold',
  grant: 'grant',
  'system-image': 'system',
  quarantined: 'quarantine',
  denied: 'denial',
  'no-environment': 'namespace',
  'no-service': 'binding',
  'never-released': 'binding',
  'other-repository': 'binding',
  'not-in-channel': 'channel',
  'wrong-environment': 'channel',
  'window-over': 'window',
  'known-bad': 'window',
  'hold-elsewhere': 'hold',
  'grant-elsewhere': 'grant',
  'grant-expired': 'grant',
  'grant-own': 'grant',
};

const NOTHING: Readonly<Record<WhyCheck, string>> = {
  namespace: '',
  quarantine: 'not quarantined, nor what holds it or is held by it',
  denial: 'nobody denied it',
  binding: 'not looked at: the policy pins it',
  channel: 'not looked at',
  window: 'not in the rollback window of prod:stable',
  hold: 'nobody holds it',
  grant: 'no grant for it in this repository',
  system: 'no system image of the policy',
  cve: 'no release of it was scanned',
  signature: 'no release recorded its signature',
  sbom: 'no release recorded its SBOM',
  provenance: 'no release recorded its provenance',
};

const GATES: Readonly<Partial<Record<WhyCheck, Gate>>> = {
  cve: 'scan',
  signature: 'signature',
  sbom: 'sbom',
  provenance: 'provenance',
};

/**
 * The whole chain for one image in one namespace. `evidence` is what was looked at now; where a check of it is unknown, or was not
 * looked at, stands what the ledger recorded.
 */
export function explainDecision(
  decision: AllowDecision,
  facts: Pick<AllowFacts, 'evidence' | 'homes'>,
  namespace: string,
  evidence: readonly WhyStep[] = [],
): readonly WhyStep[] {
  return WHY_CHECKS.flatMap((check): readonly WhyStep[] => {
    const looked = evidence.filter((step) => step.check === check);
    if (looked.length > 0) return [...looked, ...recorded(check, looked, facts)];
    const found = decision.reasons.filter(({ kind }) => CHECK_OF[kind] === check);
    if (found.length > 0) return found.map((reason) => toStep(check, reason));
    return [quietStep(check, decision, facts, namespace)];
  });
}

/** What is known of it at least, though nobody can tell whether it still holds. */
function recorded(
  check: WhyCheck,
  looked: readonly WhyStep[],
  { evidence }: Pick<AllowFacts, 'evidence'>,
): readonly WhyStep[] {
  const verdict = evidence.find(({ gate }) => gate === GATES[check]);
  if (!verdict || looked.every(({ state }) => state !== 'unknown')) return [];
  return [{ check, state: 'none', text: `recorded: ${say(verdict)}` }];
}

function toStep(check: WhyCheck, { effect, text }: AllowReason): WhyStep {
  return { check, state: effect, text };
}

function quietStep(
  check: WhyCheck,
  { environment, reasons }: AllowDecision,
  { evidence, homes }: Pick<AllowFacts, 'evidence' | 'homes'>,
  namespace: string,
): WhyStep {
  if (check === 'namespace') {
    return {
      check,
      state: 'ok',
      text: `${namespace} belongs to ${environment ?? 'no environment'}`,
    };
  }
  const looked = reasons.every(({ kind }) => kind !== 'system-image');
  if (check === 'binding' && looked) {
    return { check, state: 'ok', text: `it belongs to ${homes.join(', ') || 'the channel'}` };
  }
  const verdict = evidence.find(({ gate }) => gate === GATES[check]);
  if (verdict)
    return { check, state: verdict.outcome === 'pass' ? 'ok' : 'lacks', text: say(verdict) };
  return { check, state: 'none', text: NOTHING[check] };
}

function say({ gate, outcome, at, releaseId, reasons }: EvidenceFact): string {
  const why = reasons.length > 0 ? `: ${reasons.join(' ')}` : '';
  return `${gate}: ${outcome} at ${at} in ${releaseId}${why}`;
}
