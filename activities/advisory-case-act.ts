import { failureReason } from '../src/contract/error-reason';
import { SYSTEM_ACTOR } from '../src/domain/actor';
import { planActions, type CaseAct, type DigestActs } from '../src/domain/advisories/case-action';
import { ruleOf } from '../src/domain/advisories/policy';
import type { Digest } from '../src/domain/digest';
import type { AdvisoryCaseDeps, ActedOnCase, ActOnCaseInput } from './advisory-case';

const ACTOR = SYSTEM_ACTOR.subject;
const MAX_FAILED = 5;

/** By it is known what this case blocked, and what a person did. */
function reasonOf(advisory: string): string {
  return `advisory ${advisory}`;
}

function audit(
  { ledger }: AdvisoryCaseDeps,
  action: string,
  {
    advisory,
    digest,
    at,
  }: { readonly advisory: string; readonly digest: Digest; readonly at: string },
): Promise<void> {
  const entry = { at, actor: ACTOR, action, svc: '', subject: digest, details: { advisory } };
  return ledger.appendAudit(entry, `advisory/${advisory}/${action}/${digest}/${at}`);
}

/** False when somebody else denied it before: then it is not ours to lift. */
async function deny(deps: AdvisoryCaseDeps, advisory: string, digest: Digest): Promise<boolean> {
  const reason = reasonOf(advisory);
  const at = deps.now().toISOString();
  const denial = { digest, repository: null, reason, by: ACTOR, at };
  const held = await deps.allowList.addDenial(denial);
  if (held.by !== ACTOR || held.reason !== reason) return false;
  await audit(deps, 'denial.add', { advisory, digest, at: held.at });
  return true;
}

/** Likewise. */
async function putUnderQuarantine(
  deps: AdvisoryCaseDeps,
  advisory: string,
  digest: Digest,
): Promise<boolean> {
  const { now, policy, quarantine } = deps;
  const { runningGraceMs } = policy.registry.quarantine;
  const reason = reasonOf(advisory);
  const at = now().toISOString();
  const hasGrace = runningGraceMs > 0 && (await quarantine.isRunning(digest));
  const held = await quarantine.add({
    ...{ digest, reason, cves: [advisory], actor: ACTOR, at, expiresAt: null },
    graceUntil: hasGrace ? new Date(now().getTime() + runningGraceMs).toISOString() : null,
  });
  if (held.actor !== ACTOR || held.reason !== reason) return false;
  await audit(deps, 'digest.quarantine', { advisory, digest, at: held.at });
  return true;
}

const DO = { denied: deny, quarantined: putUnderQuarantine } as const;

/** What fails is told and tried again with the next look; the others go on. */
export async function actOnCase(
  deps: AdvisoryCaseDeps,
  { advisory, policy, look }: ActOnCaseInput,
  signal: AbortSignal,
): Promise<ActedOnCase> {
  const { advisoryCases: cases, now } = deps;
  const [row, before] = await Promise.all([cases.read(advisory), cases.acts(advisory)]);
  const { action } = ruleOf(policy, row?.severity ?? 'UNKNOWN');
  const plan = planActions({ action, prod: policy.prod, digests: before, look });
  const failed: string[] = [];
  const doAll = async (act: CaseAct, digests: readonly Digest[]): Promise<void> => {
    for (const digest of digests) {
      signal.throwIfAborted();
      try {
        const ours = await DO[act](deps, advisory, digest);
        if (ours) await cases.recordAct(advisory, digest, act, now().toISOString());
      } catch (error) {
        failed.push(`${digest} is not ${act}: ${failureReason(error)}`);
      }
    }
  };
  await doAll('quarantined', plan.quarantine);
  await doAll('denied', plan.deny);
  const after = await cases.acts(advisory);
  return { ...countActs(after), failed: failed.slice(0, MAX_FAILED) };
}

function countActs(all: readonly DigestActs[]): Pick<ActedOnCase, 'denied' | 'quarantined'> {
  const count = (act: CaseAct): number => all.filter(({ acts }) => acts.includes(act)).length;
  return { denied: count('denied'), quarantined: count('quarantined') };
}

async function liftOne(
  { allowList, quarantine, now }: AdvisoryCaseDeps,
  advisory: string,
  { digest, acts }: DigestActs,
): Promise<void> {
  const reason = `${advisory} does not affect it`;
  const at = now().toISOString();
  if (acts.includes('quarantined')) {
    const held = await quarantine.get(digest);
    const ours = held?.actor === ACTOR && held.reason === reasonOf(advisory);
    if (ours) await quarantine.lift(digest, ACTOR, reason, at);
  }
  if (!acts.includes('denied')) return;
  // Of the digest alone, whatever repository it is asked for.
  const { denials } = await allowList.facts({ repository: '', digest });
  const ours = denials.some(
    (one) => one.digest === digest && one.by === ACTOR && one.reason === reasonOf(advisory),
  );
  if (ours) await allowList.liftDenial(digest, ACTOR, reason, at);
}

/** Called not affected: what only this case blocked is free again. */
export async function liftActs(
  deps: AdvisoryCaseDeps,
  advisory: string,
): Promise<{ readonly lifted: number }> {
  const { advisoryCases: cases, now } = deps;
  const acted = (await cases.acts(advisory)).filter(({ acts }) => acts.length > 0);
  const digests = acted.map(({ digest }) => digest);
  const wanted = new Set(await cases.wantedByOthers(advisory, digests));
  const free = acted.filter(({ digest }) => !wanted.has(digest));
  for (const one of free) {
    await liftOne(deps, advisory, one);
    await audit(deps, 'advisory.lift', { advisory, digest: one.digest, at: now().toISOString() });
  }
  return { lifted: free.length };
}
