import type { OrderRollbackInput, RollbackAnswer } from '../../activities/continuous-check-act';
import type { CheckRecord, ServiceLook } from '../../src/contract/continuous-check';
import type { CheckDecision } from '../../src/domain/continuous-check/decide';
import { describeCheckFinding, isFailing } from '../../src/domain/continuous-check/finding';
import type { CheckOutcome } from '../../src/domain/continuous-check/service-check';
import { shortDigest, type Digest } from '../../src/domain/digest';
import { alarm, keyOf, type Alarm } from './continuous-check-alarms';
import { count, noteFound, type CheckRun } from './continuous-check-run';
import { describeFailure, rethrowCancellation } from './failure';

type Decision<Kind extends CheckDecision['kind']> = Extract<CheckDecision, { readonly kind: Kind }>;

/** Does what was decided, tells people, and puts it on record. */
export async function carryOut(
  run: CheckRun,
  look: ServiceLook,
  decision: CheckDecision,
): Promise<void> {
  switch (decision.kind) {
    case 'ok':
      await record(run, look, 'ok', '');
      return;
    case 'find-target':
      // Nobody looked for one: nothing is known for sure.
      return wait(run, look, { kind: 'wait', alert: true, reason: 'No target was looked for.' });
    case 'wait':
      return wait(run, look, decision);
    case 'tell':
      return tell(run, look, decision);
    case 'roll-back':
      return rollBack(run, look, decision);
  }
}

interface Recorded extends CheckRecord {
  readonly at: string;
}

async function record(
  run: CheckRun,
  { svc, digests, findings }: ServiceLook,
  outcome: CheckOutcome,
  note: string,
): Promise<Recorded> {
  if (note !== '') noteFound(run, [`${svc}: ${note}`]);
  const at = new Date().toISOString();
  const recorded = await run.activities.recordCheck.executeWithOptions(
    { summary: `${svc}: ${outcome}` },
    [{ svc, runId: run.id, at, outcome, digests, findings, note: note.slice(0, 1000) }],
  );
  return { ...recorded, at };
}

/** It is not what every run of today says. */
function isNews({ runs, isNewDay, isNewNote }: CheckRecord): boolean {
  return runs === 1 || isNewDay || isNewNote;
}

function linesOf({ findings }: ServiceLook): string {
  return findings.slice(0, 5).map(describeCheckFinding).join('\n');
}

async function wait(
  run: CheckRun,
  look: ServiceLook,
  { alert, reason }: Decision<'wait'>,
): Promise<void> {
  count(run, { unchecked: 1 });
  const { at, runs, isNewDay } = await record(
    run,
    look,
    'unchecked',
    `could not be checked: ${reason}`,
  );
  // Told in the run that it is told after, and once a day from then on; the words change with what does not answer.
  if (!alert || (runs > run.input.settings.policy.alertAfter && !isNewDay)) return;
  const { svc } = look;
  await alarm(run, {
    key: 'unchecked',
    severity: 'warning',
    title: `${svc}: what runs could not be checked for a while`,
    text: `${reason}\n${linesOf(look)}`,
    svc,
    at,
  });
}

async function block(
  run: CheckRun,
  svc: string,
  digests: readonly Digest[],
  reason: string,
): Promise<void> {
  if (digests.length === 0) return;
  const blocked = await run.activities.blockDigests.executeWithOptions(
    { summary: `${svc}: block ${digests.map(shortDigest).join(', ')}` },
    [{ svc, digests, reason: `continuous check: ${reason}`.slice(0, 500) }],
  );
  count(run, { blocked });
}

function holdLane(run: CheckRun, svc: string, reason: string): Promise<void> {
  return run.activities.holdLane.executeWithOptions({ summary: `${svc}: hold the lane` }, [
    {
      svc,
      reason: `continuous check: ${reason}`.slice(0, 500),
      requestId: `continuous-check/${svc}/hold/${run.id}`,
    },
  ]);
}

async function tell(run: CheckRun, look: ServiceLook, decision: Decision<'tell'>): Promise<void> {
  const { svc, findings } = look;
  const { cause, reason } = decision;
  count(run, { failing: 1 });
  await block(run, svc, decision.block, reason);
  if (decision.holdLane) await holdLane(run, svc, reason);
  const recorded = await record(run, look, 'failing', reason);
  if (!isNews(recorded)) return;
  const blocked = decision.block.length === 0 ? '' : ` Blocked: ${decision.block.join(', ')}.`;
  await alarm(run, {
    key: keyOf(cause, findings),
    severity: isFailing(look) ? 'critical' : 'warning',
    title: `${svc}: what runs is not as it must be`,
    text: `${reason}${blocked}\n${linesOf(look)}`,
    svc,
    at: recorded.at,
  });
}

async function rollBack(
  run: CheckRun,
  look: ServiceLook,
  { from, to, reason, block: elsewhere, blockFrom }: Decision<'roll-back'>,
): Promise<void> {
  const { svc, findings } = look;
  count(run, { failing: 1 });
  await block(run, svc, elsewhere, reason);
  const requestId = `continuous-check/${svc}/${shortDigest(from)}/${run.id}`;
  const answer = await order(run, {
    ...{ svc, from, to, requestId },
    reason: `continuous check: ${reason}`.slice(0, 500),
  });
  const moved = answer.kind === 'done' || answer.kind === 'under-way';
  if (moved) count(run, { rolledBack: 1 });
  if ((answer.kind === 'done' && !answer.held) || answer.kind === 'guarded') {
    await holdLane(run, svc, reason);
  }
  const done = `${describeAnswer(answer)} ${from} → ${to}. ${reason}`;
  const recorded = await record(run, look, moved ? 'rolled-back' : 'failing', done);
  const told: Alarm = {
    key: moved ? requestId : keyOf('rollback-failed', findings),
    severity: 'critical',
    title: moved ? `${svc}: rolled back by the check` : `${svc}: the check could not roll back`,
    text: `${done}\n${linesOf(look)}`,
    svc,
    at: recorded.at,
  };
  if (moved || isNews(recorded)) await alarm(run, told);
  // Not before: where the order is refused, or is not over yet, it is all that serves.
  if (blockFrom && answer.kind === 'done') await block(run, svc, [from], reason);
}

/** People must hear of a rollback that could not be asked for, too. */
async function order(run: CheckRun, input: OrderRollbackInput): Promise<RollbackAnswer> {
  try {
    const summary = `${input.svc}: roll back to ${shortDigest(input.to)}`;
    return await run.rollbacks.orderRollback.executeWithOptions({ summary }, [input]);
  } catch (error) {
    rethrowCancellation(error);
    return { kind: 'failed', reason: describeFailure(error).message };
  }
}

function describeAnswer(answer: RollbackAnswer): string {
  switch (answer.kind) {
    case 'done':
      return 'Rolled back:';
    case 'under-way':
      return 'The rollback goes on:';
    case 'guarded':
      return 'Not rolled back, since the check has done so often enough:';
    case 'failed':
      return `The rollback failed: ${answer.reason}:`;
  }
}
