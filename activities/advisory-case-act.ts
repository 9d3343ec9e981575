import { failureReason } from '../src/contract/error-reason';
import { inParallel } from '../src/contract/in-parallel';
import { planActions, type CaseAct, type DigestActs } from '../src/domain/advisories/case-action';
import { isOverdue } from '../src/domain/advisories/case-clock';
import { graceEndMs, pullsOf } from '../src/domain/advisories/case-pulls';
import { ruleOf } from '../src/domain/advisories/policy';
import type { Digest } from '../src/domain/digest';
import type { RecordedCase } from '../src/ports/advisory-cases';
import type { AdvisoryCaseDeps, ActedOnCase, ActOnCaseInput } from './advisory-case';
import { ACTOR, audit, isOfCase, reasonOf } from './advisory-case-blocks';

const MAX_FAILED = 5;
const NOTHING_TO_DO = { quarantine: [], deny: [] };

/**
 * False when a person denied it before: then it is not ours to lift. What another case denied is ours too: whoever lifts it lifts it for
 * both.
 */
async function deny(deps: AdvisoryCaseDeps, advisory: string, digest: Digest): Promise<boolean> {
  const reason = reasonOf(advisory);
  const at = deps.now().toISOString();
  const denial = { digest, repository: null, reason, by: ACTOR, at };
  const held = await deps.allowList.addDenial(denial);
  if (!isOfCase(held.by, held.reason)) return false;
  await audit(deps, 'denial.add', { advisory, digest, at: held.at });
  return true;
}

/** Likewise. `graceMs`: until when it may be pulled if a channel points at it. */
async function putUnderQuarantine(
  deps: AdvisoryCaseDeps,
  advisory: string,
  digest: Digest,
  graceMs: number,
): Promise<boolean> {
  const { now, quarantine } = deps;
  const reason = reasonOf(advisory);
  const at = now();
  const hasGrace = graceMs > at.getTime() && (await quarantine.isRunning(digest));
  const held = await quarantine.add({
    ...{ digest, reason, cves: [advisory], actor: ACTOR, at: at.toISOString(), expiresAt: null },
    graceUntil: hasGrace ? new Date(graceMs).toISOString() : null,
  });
  if (!isOfCase(held.actor, held.reason)) return false;
  await audit(deps, 'digest.quarantine', { advisory, digest, at: held.at });
  return true;
}

type DoAct = (digest: Digest) => Promise<boolean>;

/** How each act is done for a case. */
function actsFor(
  deps: AdvisoryCaseDeps,
  { advisory, policy }: ActOnCaseInput,
  row: RecordedCase | null,
): Readonly<Record<CaseAct, DoAct>> {
  const { runningGraceMs } = deps.policy.registry.quarantine;
  const clock = { prod: policy.prod, dueAt: row?.dueAt ?? '' };
  const graceMs = graceEndMs(clock, deps.now().getTime(), runningGraceMs);
  return {
    denied: (digest) => deny(deps, advisory, digest),
    quarantined: (digest) => putUnderQuarantine(deps, advisory, digest, graceMs),
  };
}

/** What fails is told and tried again with the next look; the others go on. */
export async function actOnCase(
  deps: AdvisoryCaseDeps,
  input: ActOnCaseInput,
  signal: AbortSignal,
): Promise<ActedOnCase> {
  const { advisoryCases: cases, now } = deps;
  const { advisory, policy, look, at } = input;
  const [row, before] = await Promise.all([cases.read(advisory), cases.acts(advisory)]);
  const { action } = ruleOf(policy, row?.severity ?? 'UNKNOWN');
  const atMs = Date.parse(at);
  // Older workers send no time.
  const overdue = row !== null && Number.isFinite(atMs) && isOverdue(row, atMs);
  const rule = { action, prod: policy.prod, overdue };
  const isOpen = row !== null && row.closedAt === null;
  // Somebody may have closed it since it was looked at.
  const plan = isOpen ? planActions({ ...rule, digests: before, look }) : NOTHING_TO_DO;
  const acts = actsFor(deps, input, row);
  const failed: string[] = [];
  const doAll = async (act: CaseAct, digests: readonly Digest[]): Promise<void> => {
    for (const digest of digests) {
      signal.throwIfAborted();
      try {
        const ours = await acts[act](digest);
        if (ours) await cases.recordAct(advisory, digest, act, now().toISOString());
      } catch (error) {
        failed.push(`${digest} is not ${act}: ${failureReason(error)}`);
      }
    }
  };
  await doAll('quarantined', plan.quarantine);
  await doAll('denied', plan.deny);
  const after = await cases.acts(advisory);
  const pulls = pullsOf(rule, after, await countOpen(deps, after));
  return { ...countActs(after), pulls, failed: failed.slice(0, MAX_FAILED) };
}

const READ_AT_ONCE = 8;

/** What a person released after the case cut it off is free by that word, and not counted. */
async function countOpen(
  { quarantine }: AdvisoryCaseDeps,
  all: readonly DigestActs[],
): Promise<number> {
  const left = all.filter(({ cutAt }) => cutAt === null);
  const held = await inParallel(left, READ_AT_ONCE, ({ digest }) => quarantine.get(digest));
  return held.filter((one) => one === null).length;
}

function countActs(all: readonly DigestActs[]): Pick<ActedOnCase, 'denied' | 'quarantined'> {
  const count = (act: CaseAct): number => all.filter(({ acts }) => acts.includes(act)).length;
  return { denied: count('denied'), quarantined: count('quarantined') };
}
