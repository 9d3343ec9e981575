import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { SettleRollbackInput } from '../src/contract/messages';
import type { Digest } from '../src/domain/digest';
import { describeFailure } from './steps/failure';
import { createRollbackProxies, type RollbackProxies } from './steps/proxies';

interface Settling {
  readonly input: SettleRollbackInput;
  readonly proxies: RollbackProxies;
}

/**
 * What a rollback leaves to do once traffic and channel are right: candidates withdrawn, their channels cleared, the
 * bad digest and the revert key remembered, log and notice. Id `rollback/{svc}/{number}/settle`; no messages.
 * No part stops another; what fails is alerted. A newer writer of the service fences it, which is right.
 */
export async function settleRollbackWorkflow(input: SettleRollbackInput): Promise<void> {
  const settling = {
    input,
    proxies: createRollbackProxies(input.rollback.policy.timeouts),
  };
  const { rollback, from, to } = input;
  await Promise.all([
    attempt(settling, 'bad digest remembered', () => remember(settling)),
    attempt(settling, 'log entry', () => logPin(settling)),
    attempt(settling, 'candidate channels cleared', () => clearCandidates(settling)),
    ...(['stg', 'prod'] as const).map((env) =>
      attempt(settling, `${env} candidate withdrawn`, () => withdraw(settling, env)),
    ),
    notify(settling, 'warning', 'rolled back', `${from} → ${to}: ${rollback.reason}`),
  ]);
}

function remember({ input, proxies }: Settling): Promise<void> {
  const { rollback, from, to, movedAt } = input;
  const { target } = rollback;
  return proxies.settle.rememberRollback.executeWithOptions({ summary: 'bad digest, audit' }, [
    {
      svc: rollback.svc,
      from,
      to,
      reason: rollback.reason,
      actor: rollback.actor.subject,
      workflowId: workflowInfo().workflowId,
      keyId: target.kind === 'revert-key' ? target.keyId : null,
      at: movedAt,
    },
  ]);
}

async function logPin({ input, proxies }: Settling): Promise<void> {
  const { rollback, from, to, movedAt } = input;
  const { svc } = rollback;
  const cause = `rollback/${svc}/${rollback.number}`;
  const entry = await proxies.settle.appendPin.executeWithOptions(
    { summary: 'pin to the transparency log' },
    [
      {
        svc,
        region: rollback.service.region,
        digest: to,
        previous: from,
        cause,
        policyHash: null,
        pinnedAt: movedAt,
        transparencyLog: rollback.policy.signing.transparencyLog,
      },
    ],
  );
  if (!entry) return;
  await proxies.settle.saveLogEntry.executeWithOptions({ summary: `log entry ${entry.index}` }, [
    { svc, cause, ...entry },
  ]);
}

async function withdraw({ input, proxies }: Settling, env: 'stg' | 'prod'): Promise<void> {
  const { rollback, epoch } = input;
  await proxies.settle.withdrawCandidate.executeWithOptions({ summary: `${env}: candidate off` }, [
    { service: rollback.service, env, epoch },
  ]);
}

async function clearCandidates(settling: Settling): Promise<void> {
  const { svc } = settling.input.rollback;
  const channels = await settling.proxies.settle.readChannels.executeWithOptions(
    { summary: 'channels as they are' },
    [{ svc }],
  );
  await Promise.all(
    (['stg', 'prod'] as const).map(async (env) => {
      const held = channels[`${env}:candidate`];
      if (held) await clearCandidate(settling, env, held);
    }),
  );
}

async function clearCandidate(
  { input, proxies }: Settling,
  env: 'stg' | 'prod',
  expected: Digest,
): Promise<void> {
  const { rollback, epoch } = input;
  await proxies.settle.moveChannel.executeWithOptions({ summary: `${env}:candidate emptied` }, [
    {
      svc: rollback.svc,
      name: rollback.service.name,
      channel: { env, tag: 'candidate' },
      expected,
      next: null,
      epoch,
      actor: rollback.actor.subject,
      reason: `rollback: ${rollback.reason}`,
      idempotencyKey: `${workflowInfo().workflowId}/${env}:candidate`,
    },
  ]);
}

async function attempt(
  settling: Settling,
  title: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message } = describeFailure(error);
    if (code === 'FENCED') return;
    const text = `prod:stable is right; "${title}" failed: ${message}`;
    await notify(settling, 'critical', `rollback not settled: ${title}`, text);
  }
}

async function notify(
  { input, proxies }: Settling,
  severity: 'warning' | 'critical',
  title: string,
  text: string,
): Promise<void> {
  const { svc } = input.rollback;
  const id = `${workflowInfo().workflowId}/${title}`;
  try {
    await proxies.settle.notify.executeWithOptions({ summary: title }, [
      { id, severity, title: `${svc}: ${title}`, text, svc },
    ]);
  } catch {
    setCurrentDetails(`**Not delivered**: ${title}. ${text}`);
  }
}
