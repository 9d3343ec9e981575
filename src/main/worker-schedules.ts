import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { loadPolicy } from '../config/policy-file';
import type { WorkerConfig } from '../config/worker';
import { ensureDrillSchedule, ensurePreflightSchedule } from '../orchestrator/drill-schedules';
import { ensureReconcileSchedule } from '../orchestrator/reconcile-schedule';

const DEADLINE_MS = 10_000;
/** A push through the gateway ends well within the first; what it leaves behind counts as over after the second. */
const RECONCILE = { confirmAfterMs: 10_000, pendingAfterMs: 300_000, manifestShares: 16 } as const;
/** The standard: rollback within 5 minutes. */
const ROLLBACK_TARGET_MS = 300_000;
/** Workers may be away over a weekend, and targets stay. */
const MIN_LEASE_MS = 3 * 86_400_000;

/** Releases must not wait for a Schedule; without it its workflow rests, which the log says. */
export async function makeSchedules(
  client: Client,
  config: WorkerConfig,
  logger: Logger,
): Promise<void> {
  const { policy } = loadPolicy(config.policyFile);
  const { verdictMaxAgeMs } = config;
  const { intervalMs: everyMs, maxForgotten } = config.reconcile;
  await attempt(client, logger, 'reconciles the registry', () =>
    ensureReconcileSchedule(client, { ...RECONCILE, everyMs, maxForgotten }),
  );
  await attempt(client, logger, 'looks after rollback targets', () =>
    ensurePreflightSchedule(client, {
      everyMs: config.preflightIntervalMs,
      leaseMs: Math.max(MIN_LEASE_MS, 3 * config.preflightIntervalMs),
      transparencyLog: policy.signing.transparencyLog,
      verdictMaxAgeMs,
    }),
  );
  const { intervalMs, rounds } = config.drill;
  const drill = { everyMs: intervalMs, rounds, targetMs: ROLLBACK_TARGET_MS, verdictMaxAgeMs };
  await attempt(client, logger, 'drills rollbacks', () =>
    ensureDrillSchedule(client, { settings: drill, policy }),
  );
}

async function attempt(
  client: Client,
  logger: Logger,
  what: string,
  make: () => Promise<void>,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, make);
  } catch (error) {
    logger.error({ err: error }, `the Schedule that ${what} could not be made`);
  }
}
