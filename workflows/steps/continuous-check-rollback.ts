import { patched } from '@temporalio/workflow';
import type { OrderRollbackInput, RollbackAnswer } from '../../activities/continuous-check-act';
import type { ServiceLook } from '../../src/contract/continuous-check';
import type { CheckDecision } from '../../src/domain/continuous-check/decide';
import { shortDigest } from '../../src/domain/digest';
import { alarm, keyOf, type Alarm } from './continuous-check-alarms';
import {
  count,
  forItself,
  noteFound,
  type AskedRollback,
  type CheckRun,
} from './continuous-check-run';
import { block, holdLane, isNews, linesOf, record } from './continuous-check-writes';
import { describeFailure, rethrowCancellation } from './failure';

type Decision = Extract<CheckDecision, { readonly kind: 'roll-back' }>;

/** Runs that began before a block went before the record; to be removed once none of them runs. */
const BLOCK_FIRST = 'continuous-check-block-first';

/** Asks for it, makes sure that what failed stays away, and tells people and the record. */
export async function rollBack(
  run: CheckRun,
  look: ServiceLook,
  { from, to, reason, block: elsewhere, blockFrom }: Decision,
): Promise<void> {
  const { svc, findings } = look;
  count(run, { failing: 1 });
  await block(run, svc, elsewhere, reason);
  const requestId = `continuous-check/${svc}/${shortDigest(from)}/${run.id}`;
  const asked: AskedRollback = {
    order: { svc, from, to, requestId, reason: `continuous check: ${reason}`.slice(0, 500) },
    blockFrom,
    reason,
  };
  const answer = await order(run, asked.order);
  const moved = answer.kind === 'done' || answer.kind === 'under-way';
  if (moved) count(run, { rolledBack: 1 });
  const blocksFirst = patched(BLOCK_FIRST);
  if (blocksFirst) await secure(run, asked, answer);
  else if (isHoldDue(answer)) await holdLane(run, svc, reason);
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
  if (!blocksFirst && blockFrom && answer.kind === 'done') await block(run, svc, [from], reason);
}

function isHoldDue(answer: RollbackAnswer): boolean {
  return (answer.kind === 'done' && !answer.held) || answer.kind === 'guarded';
}

/**
 * Before record and alarm, which may fail; what fails here keeps neither from being written. Not before the answer: where the
 * order is refused, or is not over yet, what failed is all that serves.
 */
async function secure(run: CheckRun, asked: AskedRollback, answer: RollbackAnswer): Promise<void> {
  const { order: asks, blockFrom, reason } = asked;
  const { svc, from } = asks;
  if (answer.kind === 'under-way') run.openRollbacks = [...run.openRollbacks, asked];
  if (blockFrom && answer.kind === 'done') {
    await forItself(run, svc, () => block(run, svc, [from], reason));
  }
  if (isHoldDue(answer)) await forItself(run, svc, () => holdLane(run, svc, reason));
}

/** Asks once more for what was not over, after all else is done. */
export async function settleOpenRollbacks(run: CheckRun): Promise<void> {
  for (const asked of run.openRollbacks) {
    const { svc, from, to } = asked.order;
    const answer = await order(run, asked.order);
    await secure(run, asked, answer);
    const text = `${describeAnswer(answer)} ${from} → ${to}.`;
    noteFound(run, [`${svc}: ${text}`]);
    if (answer.kind === 'failed' || answer.kind === 'guarded') {
      await forItself(run, svc, () => tellUndone(run, asked, text));
    }
  }
}

/** They were told that prod goes back. */
function tellUndone(run: CheckRun, { order: asks }: AskedRollback, text: string): Promise<void> {
  return alarm(run, {
    key: `${asks.requestId}/undone`,
    severity: 'critical',
    title: `${asks.svc}: the rollback that the check had begun is not done`,
    ...{ text, svc: asks.svc, at: new Date().toISOString() },
  });
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
