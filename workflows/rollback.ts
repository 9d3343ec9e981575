import {
  ApplicationFailure,
  CancellationScope,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { PrepareRollbackResult } from '../activities/rollback';
import { laneWorkflowId, releaseWorkflowId } from '../src/contract/ids';
import {
  MESSAGES,
  type Preempt,
  type RollbackEnded,
  type RollbackInput,
  type RollbackResult,
  type SettleRollbackInput,
} from '../src/contract/messages';
import { describeFailure } from './steps/failure';
import { createRollbackProxies, type RollbackProxies } from './steps/proxies';
import { SEARCH_KEYS } from './steps/search-keys';
import { settleRollbackWorkflow } from './settle-rollback';

interface Rollback {
  readonly input: RollbackInput;
  readonly proxies: RollbackProxies;
  /** From here on something may have moved. */
  fenced: boolean;
}

/**
 * Puts an earlier stable digest back, quickly: pre-flight, epoch, traffic, channel; the rest afterwards.
 * Id `rollback/{svc}/{number}`, a child of the lane on the control queue. It takes no messages and never waits for
 * the release it pre-empts: the epoch fences that one. Fails with NO_ROLLBACK_TARGET, REVERT_KEY_INVALID,
 * BAD_DIGEST, QUARANTINED, SIGNATURE_INVALID or DIGEST_NOT_FOUND before anything is moved.
 */
export async function rollbackWorkflow(input: RollbackInput): Promise<RollbackResult> {
  const rollback: Rollback = {
    input,
    proxies: createRollbackProxies(input.policy.timeouts),
    fenced: false,
  };
  // Half a rollback helps nobody: once asked for, it runs to its end.
  return CancellationScope.nonCancellable(async () => {
    try {
      return await rollBack(rollback);
    } catch (error) {
      const { code, message } = describeFailure(error);
      if (rollback.fenced) await alertHalfDone(rollback, message);
      await tellLane(input, { number: input.number, ok: false, held: false, reason: message });
      throw ApplicationFailure.nonRetryable(message, code);
    }
  });
}

async function rollBack(rollback: Rollback): Promise<RollbackResult> {
  const { input, proxies } = rollback;
  const { service, svc } = input;
  show(input, 'pre-flight', null);
  const planned = await prepare(rollback);
  show(input, 'moving', planned);
  const { epoch, current } = await proxies.quick.fence.executeWithOptions(
    { summary: 'fence every older writer' },
    [{ svc, key: workflowInfo().workflowId }],
  );
  // A release may have pinned between the two looks; from the fence on nobody else can.
  const plan = current === planned.from ? planned : await prepare(rollback);
  rollback.fenced = true;
  const told = preempt(input);
  await proxies.quick.makeStable.executeWithOptions(
    { summary: `prod: all traffic to ${plan.to.slice(7, 19)}` },
    [{ service, env: 'prod', epoch, digest: plan.to }],
  );
  const movedAt = await moveProdStable(rollback, plan, epoch);
  const preempted = await told;
  const held = input.policy.rollback.holdLane;
  // In one workflow task: whoever asked waits for the answer, and these two not for each other.
  await Promise.all([
    startSettling({ rollback: input, from: plan.from, to: plan.to, epoch, movedAt }),
    tellLane(input, { number: input.number, ok: true, held, reason: input.reason }),
  ]);
  show(input, 'done', plan);
  return {
    svc,
    from: plan.from,
    to: plan.to,
    reason: input.reason,
    durationMs: Math.max(0, Date.parse(movedAt) - Date.parse(input.requestedAt)),
    preempted: preempted ? (input.running ?? null) : null,
    held,
  };
}

function prepare({ input, proxies }: Rollback): Promise<PrepareRollbackResult> {
  return proxies.quick.prepareRollback.executeWithOptions({ summary: 'pre-flight' }, [
    {
      service: input.service,
      target: input.target,
      transparencyLog: input.policy.signing.transparencyLog,
    },
  ]);
}

async function startSettling(input: SettleRollbackInput): Promise<void> {
  await startChild(settleRollbackWorkflow, {
    workflowId: `${workflowInfo().workflowId}/settle`,
    args: [input],
    // It outlives the rollback, whose answer must not wait for a log that is down.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `${input.rollback.svc}: candidates, bad digest, log, after rollback ${input.rollback.number}`,
  });
}

async function moveProdStable(
  { input, proxies }: Rollback,
  { from, to }: PrepareRollbackResult,
  epoch: number,
): Promise<string> {
  const { changedAt } = await proxies.quick.moveChannel.executeWithOptions(
    { summary: `prod:stable → ${to.slice(7, 19)}` },
    [
      {
        svc: input.svc,
        name: input.service.name,
        channel: { env: 'prod', tag: 'stable' },
        expected: from,
        next: to,
        epoch,
        actor: input.actor.subject,
        reason: `rollback: ${input.reason}`,
        idempotencyKey: `${workflowInfo().workflowId}/prod:stable`,
      },
    ],
  );
  return changedAt;
}

/** The running release is told to end; it is fenced already, so this only saves it some work. */
async function preempt(input: RollbackInput): Promise<boolean> {
  if (!input.running) return false;
  const order: Preempt = {
    by: input.actor.subject,
    reason: `rollback ${input.number}: ${input.reason}`,
  };
  try {
    await getExternalWorkflowHandle(releaseWorkflowId(input.running)).signal(
      MESSAGES.preempt,
      order,
    );
    return true;
  } catch {
    return false;
  }
}

async function tellLane(input: RollbackInput, ended: RollbackEnded): Promise<void> {
  try {
    await getExternalWorkflowHandle(laneWorkflowId(input.svc)).signal(
      MESSAGES.rollbackEnded,
      ended,
    );
  } catch {
    // Started without a lane; the lane also watches its children.
  }
}

async function alertHalfDone({ input, proxies }: Rollback, message: string): Promise<void> {
  try {
    await proxies.settle.notify({
      id: `${workflowInfo().workflowId}/half-done`,
      severity: 'critical',
      title: `${input.svc}: rollback did not finish`,
      text: `${message}. Traffic and prod:stable may differ: roll back again, or look.`,
      svc: input.svc,
    });
  } catch {
    // The failure of this workflow says it too.
  }
}

function show(input: RollbackInput, stage: string, plan: PrepareRollbackResult | null): void {
  upsertSearchAttributes([
    { key: SEARCH_KEYS.service, value: input.svc },
    { key: SEARCH_KEYS.stage, value: `rollback ${stage}` },
    { key: SEARCH_KEYS.digest, value: plan?.to ?? null },
  ]);
  setCurrentDetails(
    [
      `### ${input.svc}: rollback ${input.number}, ${stage}`,
      `Asked for by ${input.actor.subject} at ${input.requestedAt}: ${input.reason}`,
      plan ? `\`${plan.from}\` → \`${plan.to}\`` : '',
    ].join('\n\n'),
  );
}
