import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { WorkerConfig } from '../config/worker';
import { hashPolicy } from '../contract/schema/policy';
import { accountingPolicyOf } from '../domain/accounting/policy';
import { checkPolicyOf } from '../domain/continuous-check/policy';
import { exceptionsOf } from '../domain/exceptions/policy';
import type { Policy } from '../domain/policy';
import { rescanRulesOf } from '../domain/rescan';
import type { RescanSettings } from '../contract/messages';
import { ensureAccountingSchedule } from '../orchestrator/accounting-schedule';
import { ensureAdvisoryWatchSchedule } from '../orchestrator/advisory-watch-schedule';
import { ensureCheckSchedule } from '../orchestrator/check-schedule';
import { ensureDatabaseMirrorSchedule } from '../orchestrator/database-mirror-schedule';
import { ensureDrillSchedule, ensurePreflightSchedule } from '../orchestrator/drill-schedules';
import { ensureExceptionSchedule } from '../orchestrator/exception-schedule';
import { ensureGcSchedule } from '../orchestrator/gc-schedule';
import { ensureReconcileSchedule } from '../orchestrator/reconcile-schedule';
import { ensureRescanSchedule } from '../orchestrator/rescan-schedule';
import { ensureRollupSchedule } from '../orchestrator/rollups';
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
/** SBOMs and packages in an activity: done within seconds each. */
const MATCHING = { sboms: 100, packages: 5000 } as const;

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

function rescanSettings({ config, policy }: Parts): RescanSettings {
  const { maxAgeMs, parallel } = config.rescan;
  const rules = rescanRulesOf(policy, hashPolicy(policy));
  return { ...rules, maxAgeMs, parallel, sliceSize: SLICE };
}

function makeRescan(client: Client, parts: Parts): Promise<void> {
  return ensureRescanSchedule(client, parts.config.rescan.intervalMs, rescanSettings(parts));
}

function makeAdvisoryWatch(client: Client, parts: Parts): Promise<void> {
  const settings = { ...MATCHING, rescan: rescanSettings(parts) };
  return ensureAdvisoryWatchSchedule(client, parts.config.advisoryIntervalMs, settings);
}

async function makeDatabaseMirror(client: Client, { config, policy }: Parts): Promise<void> {
  const { databaseMirror } = config;
  if (!databaseMirror) return;
  const { intervalMs, sources } = databaseMirror;
  const kinds = sources.map(({ kind }) => kind);
  const settings = { kinds, maxAgeMs: policy.scan.databaseMaxAgeMs };
  await ensureDatabaseMirrorSchedule(client, intervalMs, settings);
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
    'matches what is released': makeAdvisoryWatch,
    'mirrors the databases of the scanner': makeDatabaseMirror,
    'counts what is stored': makeAccounting,
    'plans clean-ups': makeGc,
    'renews bases': (client, { policy }) => ensureRollupSchedule(client, policy),
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
