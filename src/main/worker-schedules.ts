import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { loadPolicy } from '../config/policy-file';
import type { WorkerConfig } from '../config/worker';
import { rescanRulesOf } from '../domain/rescan';
import { ensureReconcileSchedule } from '../orchestrator/reconcile-schedule';
import { ensureRescanSchedule } from '../orchestrator/rescan-schedule';

const DEADLINE_MS = 10_000;
/** A push through the gateway ends well within the first; what it leaves behind counts as over after the second. */
const RECONCILE = { confirmAfterMs: 10_000, pendingAfterMs: 300_000, manifestShares: 16 } as const;

/** Done within a minute or so, one scan after the other. */
const SLICE = 40;

/** Releases must not wait for a Schedule; without it that watch rests, which the log says. */
export async function makeSchedules(
  connection: NativeConnection,
  config: WorkerConfig,
  logger: Logger,
): Promise<void> {
  const client = new Client({ connection, namespace: config.temporal.namespace });
  const make = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, work);
    } catch (error) {
      logger.error({ err: error }, `the Schedule that ${what} could not be made`);
    }
  };
  await make('reconciles the registry', () => {
    const { intervalMs: everyMs, maxForgotten } = config.reconcile;
    return ensureReconcileSchedule(client, { ...RECONCILE, everyMs, maxForgotten });
  });
  await make('scans again what is kept', () => {
    const { intervalMs, ...pace } = config.rescan;
    const { policy, hash } = loadPolicy(config.policyFile);
    const settings = { ...rescanRulesOf(policy, hash), ...pace, sliceSize: SLICE };
    return ensureRescanSchedule(client, intervalMs, settings);
  });
}
