import type { ServiceLook } from '../../src/contract/continuous-check';
import type { CheckDecision } from '../../src/domain/continuous-check/decide';
import { isFailing } from '../../src/domain/continuous-check/finding';
import { alarm, keyOf } from './continuous-check-alarms';
import { rollBack } from './continuous-check-rollback';
import { count, type CheckRun } from './continuous-check-run';
import { block, holdLane, isNews, linesOf, record } from './continuous-check-writes';

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
