import { sleep } from '@temporalio/workflow';
import type { ServiceLook } from '../../src/contract/continuous-check';
import {
  asLandslide,
  decideCheck,
  isLandslide,
  type CheckDecision,
  type CheckFacts,
} from '../../src/domain/continuous-check/decide';
import { isFailing } from '../../src/domain/continuous-check/finding';
import { carryOut } from './continuous-check-act';
import { settleOpenRollbacks } from './continuous-check-rollback';
import { forItself, type CheckRun } from './continuous-check-run';

interface Decided {
  readonly look: ServiceLook;
  readonly decision: CheckDecision;
}

/** Looks again at what was not well, decides for all of it, then acts. One service that fails stops no other. */
export async function settleTroubled(run: CheckRun): Promise<void> {
  const { troubled } = run.state;
  if (troubled.length === 0) return;
  const { confirmAfterMs, policy } = run.input.settings;
  await sleep(confirmAfterMs, { summary: 'before the second look' });
  const looks = await run.activities.confirmServices.executeWithOptions(
    { summary: `second look at ${troubled.length}` },
    [{ looks: troubled }],
  );
  const decided: Decided[] = [];
  for (const look of looks) {
    await forItself(run, look.svc, async () => {
      decided.push({ look, decision: await decide(run, look) });
    });
  }
  const failing = looks.filter(isFailing).length;
  const isTooMuch = isLandslide(failing, run.state.report.counts.services, policy);
  for (const { look, decision } of decided) {
    const settled = isTooMuch ? asLandslide(decision, failing) : decision;
    await forItself(run, look.svc, () => carryOut(run, look, settled));
  }
  await settleOpenRollbacks(run);
}

async function decide(run: CheckRun, { svc, findings }: ServiceLook): Promise<CheckDecision> {
  const { policy } = run.input.settings;
  if (findings.length === 0) return { kind: 'ok' };
  const known = await run.activities.readCheckFacts.executeWithOptions(
    { summary: `${svc}: how things stand` },
    [{ svc }],
  );
  const facts: CheckFacts = { ...known, target: null, nowMs: Date.now() };
  const decision = decideCheck(findings, facts, policy);
  if (decision.kind !== 'find-target') return decision;
  const { from, forCve } = decision;
  const target = await run.activities.findVerifiedStable.executeWithOptions(
    { summary: `${svc}: what to go back to` },
    [{ svc, from, forCve }],
  );
  return decideCheck(findings, { ...facts, target }, policy);
}
