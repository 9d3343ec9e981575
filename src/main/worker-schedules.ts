import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { WorkerConfig } from '../config/worker';
import { checkPolicyOf } from '../domain/continuous-check/policy';
import type { Policy } from '../domain/policy';
import { ensureCheckSchedule } from '../orchestrator/check-schedule';
import { ensureReconcileSchedule } from '../orchestrator/reconcile-schedule';
import type { WorkerRole } from './worker-tuning';

const DEADLINE_MS = 10_000;
/** A push through the gateway ends well within the first; what it leaves behind counts as over after the second. */
const RECONCILE = { confirmAfterMs: 10_000, pendingAfterMs: 300_000, manifestShares: 16 } as const;

interface Parts {
  readonly config: WorkerConfig;
  readonly policy: Policy;
  readonly logger: Logger;
}

function makeOwn(client: Client, role: WorkerRole, { config, policy }: Parts): Promise<void> {
  if (role === 'control') {
    const { intervalMs: everyMs, confirmAfterMs } = config.check;
    return ensureCheckSchedule(client, {
      everyMs,
      confirmAfterMs,
      policy: checkPolicyOf(policy),
    });
  }
  const { intervalMs: everyMs, maxForgotten } = config.reconcile;
  return ensureReconcileSchedule(client, { ...RECONCILE, everyMs, maxForgotten });
}

/** Those whose runs this worker serves. Nothing else may wait for a Schedule; without it a watch rests, which the log says. */
export async function makeSchedules(client: Client, role: WorkerRole, parts: Parts): Promise<void> {
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () => makeOwn(client, role, parts));
  } catch (error) {
    parts.logger.error({ err: error }, `the Schedule of the ${role} worker could not be made`);
  }
}
