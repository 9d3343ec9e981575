import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { WorkerConfig } from '../config/worker';
import { ensureReconcileSchedule } from '../orchestrator/reconcile-schedule';

const DEADLINE_MS = 10_000;
/** A push through the gateway ends well within the first; what it leaves behind counts as over after the second. */
const RECONCILE = { confirmAfterMs: 10_000, pendingAfterMs: 300_000, manifestShares: 16 } as const;

/** Releases must not wait for a Schedule; without it the drift watch rests, which the log says. */
export async function makeSchedules(
  connection: NativeConnection,
  config: WorkerConfig,
  logger: Logger,
): Promise<void> {
  const client = new Client({ connection, namespace: config.temporal.namespace });
  const { intervalMs: everyMs, maxForgotten } = config.reconcile;
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      ensureReconcileSchedule(client, { ...RECONCILE, everyMs, maxForgotten }),
    );
  } catch (error) {
    logger.error({ err: error }, 'the Schedule that reconciles the registry could not be made');
  }
}
