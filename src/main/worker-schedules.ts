import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { WorkerConfig } from '../config/worker';
import { hashPolicy } from '../contract/schema/policy';
import { accountingPolicyOf } from '../domain/accounting/policy';
import { checkPolicyOf } from '../domain/continuous-check/policy';
import { exceptionsOf } from '../domain/exceptions/policy';
import type { Policy } from '../domain/policy';
import { rescanRulesOf } from '../domain/rescan';
import { ensureAccountingSchedule } from '../orchestrator/accounting-schedule';
import { ensureCheckSchedule } from '../orchestrator/check-schedule';
import { ensureDrillSchedule, ensurePreflightSchedule } from '../orchestrator/drill-schedules';
import { ensureExceptionSchedule } from '../orchestrator/exception-schedule';
import { ensureGcSchedule } from '../orchestrator/gc-schedule';
import { ensureReconcileSchedule } from '../orchestrator/reconcile-schedule';
import { ensureRescanSchedule } from '../orchestrator/rescan-schedule';
import type { WorkerRole } from './worker-tuning';

const DEADLINE_MS = 10_000;
/** A push through the gateway ends well within the first; what it leaves behind counts as over after the second. */
const RECONCILE = { confirmAfterMs: 10_000, pendingAfterMs: 300_000, manifestShares: 16 } as const;
/** The standard: rollback within 5 minutes. */
const ROLLBACK_TARGET_MS = 300_000;
/** Workers may be away over a weekend, and targets stay. */
const MIN_LEASE_MS = 3 * 86_400_000;
/** Rescans in an activity: done within a minute or so, one after the other. */
const SLICE = 40;

interface Parts {
  readonly config: WorkerConfig;
  readonly policy: Policy;
  /** Of a scan, as admission asks for it. */
  readonly verdictMaxAgeMs: number;
  readonly logger: Logger;
}

type Make = (client: Client, parts: Parts) => Promise<void>;

function makeCheck(client: Client, { config, policy }: Parts): Promise<void> {
  const { intervalMs: everyMs, confirmAfterMs } = config.check;
  return ensureCheckSchedule(client, { everyMs, confirmAfterMs, policy: checkPolicyOf(policy) });
}

function makePreflight(client: Client, { config, policy, ...parts }: Parts): Promise<void> {
  const { preflightIntervalMs: everyMs } = config;
  return ensurePreflightSchedule(client, {
    everyMs,
    leaseMs: Math.max(MIN_LEASE_MS, 3 * everyMs),
    transparencyLog: policy.signing.transparencyLog,
    verdictMaxAgeMs: parts.verdictMaxAgeMs,
  });
}

function makeDrill(client: Client, { config, policy, verdictMaxAgeMs }: Parts): Promise<void> {
  const { intervalMs: everyMs, rounds } = config.drill;
  const settings = { everyMs, rounds, targetMs: ROLLBACK_TARGET_MS, verdictMaxAgeMs };
  return ensureDrillSchedule(client, { settings, policy });
}

function makeReconcile(client: Client, { config }: Parts): Promise<void> {
  const { intervalMs: everyMs, maxForgotten } = config.reconcile;
  return ensureReconcileSchedule(client, { ...RECONCILE, everyMs, maxForgotten });
}

function makeAccounting(client: Client, { config, policy }: Parts): Promise<void> {
  const { keep } = accountingPolicyOf(policy);
  return ensureAccountingSchedule(client, { everyMs: config.accountingIntervalMs, keep });
}

function makeExceptionExpiry(client: Client, { config, policy }: Parts): Promise<void> {
  const settings = { policy: exceptionsOf(policy), policyHash: hashPolicy(policy) };
  return ensureExceptionSchedule(client, config.exceptionIntervalMs, settings);
}

function makeRescan(client: Client, { config, policy }: Parts): Promise<void> {
  const { intervalMs, ...pace } = config.rescan;
  const rules = rescanRulesOf(policy, hashPolicy(policy));
  return ensureRescanSchedule(client, intervalMs, { ...rules, ...pace, sliceSize: SLICE });
}

function makeGc(client: Client, { config, policy }: Parts): Promise<void> {
  const { retention, registry } = policy;
  return ensureGcSchedule(client, config.gcIntervalMs, {
    policy: { ...(retention && { retention }), registry: { open: registry.open } },
    policyHash: hashPolicy(policy),
  });
}

/** Those whose runs a worker serves. */
const SCHEDULES: Readonly<Record<WorkerRole, Readonly<Record<string, Make>>>> = {
  release: {
    'reconciles the registry': makeReconcile,
    'scans again what is kept': makeRescan,
    'counts what is stored': makeAccounting,
    'plans clean-ups': makeGc,
  },
  control: {
    'checks what runs': makeCheck,
    'looks after rollback targets': makePreflight,
    'drills rollbacks': makeDrill,
    'watches exceptions end': makeExceptionExpiry,
  },
};

/** Nothing else may wait for a Schedule; without it its workflow rests, which the log says. */
export async function makeSchedules(client: Client, role: WorkerRole, parts: Parts): Promise<void> {
  for (const [what, make] of Object.entries(SCHEDULES[role])) {
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, () => make(client, parts));
    } catch (error) {
      parts.logger.error({ err: error }, `the Schedule that ${what} could not be made`);
    }
  }
}
