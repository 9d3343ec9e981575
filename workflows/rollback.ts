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
import type { StableInput } from '../activities/rollout';
import { laneWorkflowId, releaseWorkflowId } from '../src/contract/ids';
import {
  MESSAGES,
  type MovedBack,
  type Preempt,
  type RollbackEnded,
  type RollbackInput,
  type RollbackResult,
  type SettleRollbackInput,
} from '../src/contract/messages';
import type { Digest } from '../src/domain/digest';
import { describeFailure } from './steps/failure';
import { createRollbackProxies, readiness, type RollbackProxies } from './steps/proxies';
import { rememberRollback } from './steps/remember-rollback';
import { SEARCH_KEYS } from './steps/search-keys';
import { settleRollbackWorkflow } from './settle-rollback';

interface Rollback {
  readonly input: RollbackInput;
  readonly proxies: RollbackProxies;
  /** The newest one it took: from then on the release that ran is fenced. */
  epoch: number | null;
  /** Where prod's traffic is by now; null = not moved. */
  trafficAt: Digest | null;
}

interface Moved extends MovedBack {
  readonly preempted: boolean;
}

/** A release that was just being admitted may take a newer epoch once; the lane admits no other meanwhile. */
const MAX_FENCES = 3;

/**
 * Puts an earlier stable digest back, quickly: pre-flight, epoch, traffic, channel; the rest afterwards.
 * Id `rollback/{svc}/{number}`, a child of the lane on the control queue. It takes no messages and never waits for
 * the release it pre-empts: the epoch fences that one. Fails with NO_ROLLBACK_TARGET, REVERT_KEY_INVALID,
 * BAD_DIGEST, QUARANTINED, SIGNATURE_INVALID or DIGEST_NOT_FOUND before anything is moved; with ROLLOUT_FAILED
 * prod stays as it was; when only the channel could not be moved, the good traffic stays and the lane is held.
 */
export async function rollbackWorkflow(input: RollbackInput): Promise<RollbackResult> {
  const proxies = createRollbackProxies(input.policy.timeouts);
  const rollback: Rollback = { input, proxies, epoch: null, trafficAt: null };
  // Half a rollback helps nobody: once asked for, it runs to its end.
  return CancellationScope.nonCancellable(async () => {
    try {
      return await rollBack(rollback);
    } catch (error) {
      throw await fail(rollback, error);
    }
  });
}

async function rollBack(rollback: Rollback): Promise<RollbackResult> {
  const { input } = rollback;
  show(input, 'pre-flight', null);
  const planned = await prepare(rollback);
  show(input, 'moving', planned);
  const { preempted, ...moved } = await moveBack(rollback, planned);
  const held = input.policy.rollback.holdLane;
  // In one workflow task: whoever asked waits for the answer, and these two not for each other.
  await Promise.all([
    startSettling(rollback, moved),
    tellLane(input, { number: input.number, ok: true, held, reason: input.reason }),
  ]);
  const { from, to, at } = moved;
  show(input, 'done', { from, to });
  return {
    svc: input.svc,
    from,
    to,
    reason: input.reason,
    durationMs: Math.max(0, Date.parse(at) - Date.parse(input.requestedAt)),
    preempted: preempted ? (input.running ?? null) : null,
    held,
  };
}

async function moveBack(rollback: Rollback, planned: PrepareRollbackResult): Promise<Moved> {
  for (let fence = 1; ; fence += 1) {
    try {
      return await moveBehindFence(rollback, planned, fence);
    } catch (error) {
      if (describeFailure(error).code !== 'FENCED' || fence === MAX_FENCES) throw error;
    }
  }
}

async function moveBehindFence(
  rollback: Rollback,
  planned: PrepareRollbackResult,
  fence: number,
): Promise<Moved> {
  const { input, proxies } = rollback;
  const { service, svc } = input;
  const key = `${workflowInfo().workflowId}/${fence}`;
  const { epoch, current } = await proxies.quick.fence.executeWithOptions(
    { summary: 'fence every older writer' },
    [{ svc, key }],
  );
  rollback.epoch = epoch;
  const told = preempt(input);
  // A release may have pinned between the two looks; from the fence on nobody else can.
  const { from, to } = current === planned.from ? planned : await prepare(rollback);
  await proxies.starts.makeStable.executeWithOptions(
    { summary: `prod: all traffic to ${to.slice(7, 19)}` },
    [{ service, env: 'prod', epoch, digest: to, ...readiness(input.policy), ...afterwards(input) }],
  );
  rollback.trafficAt = to;
  // Remembered before the answer: who asks again at once must not get the bad digest back.
  const [at, remembered] = await Promise.all([
    moveProdStable(rollback, { from, to }, epoch, key),
    remember(rollback, from, to),
  ]);
  return { from, to, at, remembered, preempted: await told };
}

/** What is rolled back from must not run on. In a drill it is as good as what it goes to, and comes back. */
function afterwards({ drill }: RollbackInput): Pick<StableInput, 'former'> {
  return drill === true ? {} : { former: 'stop' };
}

function remember({ input, proxies }: Rollback, from: Digest, to: Digest): Promise<boolean> {
  const at = new Date().toISOString();
  return rememberRollback(input, proxies.quick, { from, to, at }).then(
    () => true,
    () => false,
  );
}

/** Says where things stand, clears the ended release away, and returns what to throw. */
async function fail(rollback: Rollback, error: unknown): Promise<ApplicationFailure> {
  const { input, epoch, trafficAt } = rollback;
  const { code, message, details = [] } = describeFailure(error);
  const stands = await whereItStands(rollback);
  const text = stands ? `${message}. ${stands}` : message;
  if (epoch !== null) {
    await Promise.all([startSettling(rollback, null), alertHalfDone(rollback, text)]);
  }
  const held = trafficAt !== null && input.policy.rollback.holdLane;
  await tellLane(input, { number: input.number, ok: false, held, reason: text });
  show(input, 'failed', null, text);
  return ApplicationFailure.nonRetryable(text, code, ...details);
}

async function whereItStands({
  input,
  proxies,
  epoch,
  trafficAt,
}: Rollback): Promise<string | null> {
  if (epoch === null) return null;
  if (trafficAt) return `Traffic of prod is at ${trafficAt}, but prod:stable still names another.`;
  try {
    const channels = await proxies.settle.readChannels.executeWithOptions(
      { summary: 'where it stands' },
      [{ svc: input.svc }],
    );
    return `prod still serves ${channels['prod:stable'] ?? 'nothing'}.`;
  } catch {
    return 'Whether prod still serves what prod:stable names is not known.';
  }
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

async function startSettling(
  { input, epoch, trafficAt }: Rollback,
  moved: MovedBack | null,
): Promise<void> {
  const trafficMoved = trafficAt !== null;
  const settling: SettleRollbackInput = {
    rollback: input,
    epoch: epoch ?? 0,
    moved,
    trafficMoved,
  };
  await startChild(settleRollbackWorkflow, {
    workflowId: `${workflowInfo().workflowId}/settle`,
    args: [settling],
    // It outlives the rollback, whose answer must not wait for a log that is down.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `${input.svc}: candidates, log, notice, after rollback ${input.number}`,
  });
}

async function moveProdStable(
  { input, proxies }: Rollback,
  { from, to }: FromTo,
  epoch: number,
  key: string,
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
        idempotencyKey: `${key}/prod:stable`,
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
      text: `${message} Roll back to another digest, or look.`,
      svc: input.svc,
    });
  } catch {
    // The failure of this workflow says it too.
  }
}

type FromTo = Pick<MovedBack, 'from' | 'to'>;

function show(input: RollbackInput, stage: string, plan: FromTo | null, note = ''): void {
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
      note,
    ].join('\n\n'),
  );
}
