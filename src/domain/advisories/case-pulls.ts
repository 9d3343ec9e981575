import type { CasePulls } from './case';
import type { DigestActs } from './case-action';
import type { AdvisoryAction, ProdRule } from './policy';

interface PullsRule {
  readonly action: AdvisoryAction;
  readonly prod: ProdRule;
  readonly overdue: boolean;
}

function untilOf({ action, prod, overdue }: PullsRule): CasePulls['until'] {
  if (action !== 'quarantine') return 'always';
  if (prod === 'keep') return 'replaced';
  return prod === 'until-due' && !overdue ? 'due' : 'cut';
}

/** `open`: digests that can be pulled. */
export function pullsOf(
  rule: PullsRule,
  digests: readonly Pick<DigestActs, 'cutAt'>[],
  open: number,
): CasePulls {
  const cuts = digests.flatMap(({ cutAt }) => (cutAt === null ? [] : [cutAt]));
  const cutAt = cuts.reduce<string | null>(
    (last, one) => (last !== null && Date.parse(last) >= Date.parse(one) ? last : one),
    null,
  );
  return { until: untilOf(rule), open, cutOff: cuts.length, cutAt };
}

/**
 * Until when what a channel points at may be pulled after its quarantine, in milliseconds since 1970. With `until-due` the clock of
 * the case is its grace: that of the registry ends with it, and does not come on top.
 */
export function graceEndMs(
  { prod, dueAt }: { readonly prod: ProdRule; readonly dueAt: string },
  nowMs: number,
  runningGraceMs: number,
): number {
  const endMs = nowMs + runningGraceMs;
  return prod === 'until-due' ? Math.min(endMs, Date.parse(dueAt)) : endMs;
}

interface ClockFacts {
  readonly advisory: string;
  readonly dueAt: string;
  readonly overdue: boolean;
}

/** Something should be cut off from pulls and is not yet: it failed, or the clock ran out while the case was looked at. */
export function isCutMissing(pulls: CasePulls | undefined, overdue: boolean): boolean {
  if (!pulls || pulls.open === 0) return false;
  return pulls.until === 'cut' || (pulls.until === 'due' && overdue);
}

function digests(count: number): string {
  return count === 1 ? '1 digest' : `${count} digests`;
}

function openSentence(pulls: CasePulls, { dueAt, overdue }: ClockFacts): string {
  const { until, open } = pulls;
  if (until === 'always') return 'Nothing is cut off from pulls: the policy blocks at most.';
  if (open === 0) return '';
  if (until === 'replaced') return `${digests(open)} can be pulled until the successor is out.`;
  if (isCutMissing(pulls, overdue)) {
    const since = until === 'due' ? ` since ${dueAt}` : '';
    return `${digests(open)} should be cut off from pulls${since} and could not be yet; the next look tries again.`;
  }
  return `${digests(open)} of prod can be pulled until the successor is out, at the latest until ${dueAt}: then nobody can pull it, and no node without a copy can start it again.`;
}

/** What can be pulled still, and what was cut off when, as sentences; empty when there is neither. */
export function describePulls(pulls: CasePulls | undefined, clock: ClockFacts): string {
  if (!pulls) return '';
  const { cutOff, cutAt } = pulls;
  const cut = cutAt === null ? '' : `Cut off from pulls: ${digests(cutOff)}, the last at ${cutAt}.`;
  return [openSentence(pulls, clock), cut].filter((text) => text !== '').join(' ');
}

/** What a person can do about it, a sentence; empty where nothing is cut off by a clock. */
export function pullCommands(
  pulls: CasePulls | undefined,
  { advisory, overdue }: ClockFacts,
): string {
  if (!pulls) return '';
  const close = `plura reg cve close ${advisory} --justification … --reason …`;
  if (pulls.until === 'due' && pulls.open > 0 && !overdue) {
    const extend = `plura reg cve extend ${advisory} --by … --reason … (once)`;
    return `To change that: ${extend}; ${close}; or prod: keep in the policy, for cases to come.`;
  }
  if (!overdue || pulls.cutOff === 0) return '';
  return `To give it back: plura reg quarantine release DIGEST --reason …, or ${close}; more time alone does not.`;
}
