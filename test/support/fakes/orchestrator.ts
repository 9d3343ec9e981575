import { ReleaseError } from '../../../src/contract/errors';
import type { AdvisoryHit } from '../../../src/domain/advisories/case';
import type { DatabaseMirrorReport } from '../../../src/contract/database-messages';
import type { CheckReport } from '../../../src/contract/continuous-check';
import type {
  LaneStatus,
  ReconcileReport,
  RescanInput,
  RescanReport,
  RollbackResult,
  ScheduleOverview,
} from '../../../src/contract/messages';
import type { BaseImportInput } from '../../../src/contract/base-messages';
import type { QuarantineAlertInput } from '../../../src/contract/quarantine-messages';
import type { ReleaseStatus } from '../../../src/domain/release';
import type { BaseImportState } from '../../../src/orchestrator/base-imports';
import { emptyLane, type Orchestrator } from '../../../src/orchestrator/orchestrator';
import type {
  RunStart,
  ScheduledRuns,
  ScheduleState,
} from '../../../src/orchestrator/scheduled-runs';
import type { WormRuns } from '../../../src/orchestrator/worm-runs';
import { withCallFaults, type CallFaults } from './call-faults';
import { createFakeGcRuns, type FakeGcRuns } from './gc-runs';
import { createFakeCollector, type FakeCollector } from './gc-calls';
import { createFakeRollupRuns, type FakeRollupRuns } from './rollup-runs';

export interface FakeOrchestrator extends Orchestrator, CallFaults {
  readonly gcRuns: FakeGcRuns;
  readonly rollups: FakeRollupRuns;
  readonly lanes: Map<string, LaneStatus>;
  readonly statuses: Map<string, ReleaseStatus>;
  endRollbacksWith(result: RollbackResult): void;
  /** What the reconcile shows; replaced by tests. */
  readonly reconciled: { overview: ScheduleOverview<ReconcileReport> };
  readonly checked: { overview: ScheduleOverview<CheckReport> };
  /** Likewise of the drill. */
  readonly drilled: { state: ScheduleState };
  /** Clean-up: what was asked for, and what it says. */
  readonly collected: FakeCollector['collected'];
  /** Likewise of rescans, with what was asked for. */
  readonly rescanned: {
    overview: ScheduleOverview<RescanReport>;
    readonly asked: RescanInput['target'][];
  };
  readonly mirrored: { overview: ScheduleOverview<DatabaseMirrorReport> };
  /** Cases that were told of hits, and those that were woken. */
  readonly advised: { readonly hits: AdvisoryHit[]; readonly woken: string[] };
  /** What people were told of quarantines. */
  readonly alerts: readonly QuarantineAlertInput[];
  /** What was started of incident copies, with its argument. */
  readonly wormRun: { readonly verb: keyof WormRuns; readonly input: unknown }[];
  /** Imports of bases that were asked for, and what is said of them. */
  readonly imports: { readonly asked: BaseImportInput[]; state: BaseImportState | null };
}

const STARTED: RunStart = { started: true, running: null };
const READS = ['getLane', 'getStatus', 'findRollback', 'ping', 'endRollbacksWith'];

/** Keeps lanes in memory as the lane workflow would show them; a repeated request id is the same call. */
export function createFakeOrchestrator(): FakeOrchestrator {
  const lanes = new Map<string, LaneStatus>();
  const statuses = new Map<string, ReleaseStatus>();
  const answered = new Map<string, unknown>();
  const reconciled: FakeOrchestrator['reconciled'] = {
    overview: { schedule: null, running: null, last: null },
  };
  const imports: FakeOrchestrator['imports'] = { asked: [], state: null };
  const checked: FakeOrchestrator['checked'] = {
    overview: { schedule: null, running: null, last: null },
  };
  const drilled: FakeOrchestrator['drilled'] = {
    state: { schedule: null, running: null, last: null },
  };
  const rescanned: FakeOrchestrator['rescanned'] = {
    overview: { schedule: null, running: null, last: null },
    asked: [],
  };
  const mirrored: FakeOrchestrator['mirrored'] = {
    overview: { schedule: null, running: null, last: null },
  };
  const advised: FakeOrchestrator['advised'] = { hits: [], woken: [] };
  const collector = createFakeCollector();
  const alerts: QuarantineAlertInput[] = [];
  const worm: FakeOrchestrator['wormRun'] = [];
  const state = { rollbackResult: null as RollbackResult | null };
  const laneOf = (svc: string): LaneStatus => lanes.get(svc) ?? emptyLane(svc);

  function once<T>(requestId: string, act: () => T): Promise<T> {
    if (!answered.has(requestId)) answered.set(requestId, act());
    return Promise.resolve(answered.get(requestId) as T);
  }

  const gcRuns = createFakeGcRuns();
  const rollups = createFakeRollupRuns();
  const orchestrator: Orchestrator = {
    submitRelease: ({ releaseId, service, requestedBy, requestedAt }, requestId) =>
      once(requestId, () => {
        const lane = laneOf(service.svc);
        const entry = { releaseId, requestedBy: requestedBy.subject, requestedAt };
        const next = lane.running
          ? { ...lane, queued: [...lane.queued, entry] }
          : { ...lane, running: entry };
        lanes.set(service.svc, next);
        return { place: lane.running ? next.queued.length + 1 : 1, superseded: [] };
      }),
    rollBack: (_order, requestId) =>
      once(requestId, () => {
        if (state.rollbackResult) return state.rollbackResult;
        throw new ReleaseError('NO_ROLLBACK_TARGET', 'the fake has no rollback result');
      }),
    findRollback: (_svc, requestId) =>
      Promise.resolve((answered.get(requestId) ?? null) as RollbackResult | null),
    approve: () => Promise.resolve({ accepted: true, message: 'approved' }),
    abort: () => Promise.resolve({ accepted: true, message: 'abort begins' }),
    holdLane: (svc, { actor, reason }) => {
      const hold = { by: actor.subject, reason, at: '2026-01-01T00:00:00.000Z' };
      lanes.set(svc, { ...laneOf(svc), hold });
      return Promise.resolve(laneOf(svc));
    },
    resumeLane: (svc) => {
      lanes.set(svc, { ...laneOf(svc), hold: null });
      return Promise.resolve(laneOf(svc));
    },
    getLane: (svc) => Promise.resolve(laneOf(svc)),
    getStatus: (id) => Promise.resolve(statuses.get(id) ?? null),
    reconcile: scheduled(reconciled),
    checks: scheduled(checked),
    exceptions: {
      run: () => Promise.resolve({ started: true, running: null }),
      overview: () => Promise.resolve({ schedule: null, running: null, last: null }),
    },
    drill: {
      run: () => {
        const { running } = drilled.state;
        return Promise.resolve({ started: running === null, running });
      },
      state: () => Promise.resolve(drilled.state),
    },
    rescans: {
      ...scheduled(rescanned),
      scanNow: ({ target }) => {
        rescanned.asked.push(target);
        return Promise.resolve({ started: true, running: null });
      },
    },
    databaseMirror: scheduled(mirrored),
    advisories: {
      noteHits: (_input, hits) => {
        advised.hits.push(...hits);
        return Promise.resolve();
      },
      wake: ({ advisory }) => {
        advised.woken.push(advisory);
        return Promise.resolve();
      },
    },
    gcRuns,
    rollups,
    gc: collector.gc,
    worm: wormRuns(worm),
    baseImports: {
      start: (input) => {
        imports.asked.push(input);
        return Promise.resolve(STARTED);
      },
      state: () => Promise.resolve(imports.state),
    },
    alertQuarantine: (input) => {
      alerts.push(input);
      return Promise.resolve();
    },
    ping: () => Promise.resolve(),
  };
  const faulty = withCallFaults({
    ...orchestrator,
    gcRuns,
    rollups,
    lanes,
    statuses,
    reconciled,
    checked,
    drilled,
    rescanned,
    mirrored,
    advised,
    collected: collector.collected,
    wormRun: worm,
    imports,
    alerts,
    endRollbacksWith: (result: RollbackResult) => {
      state.rollbackResult = result;
    },
  });
  return faulty;
}

function wormRuns(run: FakeOrchestrator['wormRun']): WormRuns {
  const start =
    (verb: keyof WormRuns) =>
    (input: unknown): Promise<RunStart> => {
      run.push({ verb, input });
      return Promise.resolve(STARTED);
    };
  return {
    hold: start('hold'),
    verify: start('verify'),
    extend: start('extend'),
    restore: start('restore'),
  };
}

function scheduled<Report>(held: {
  readonly overview: ScheduleOverview<Report>;
}): ScheduledRuns<Report> {
  return {
    run: () => {
      const running = held.overview.running?.workflowId ?? null;
      return Promise.resolve({ started: running === null, running });
    },
    state: () => {
      const { schedule, running, last } = held.overview;
      const [now, before] = [running?.workflowId ?? null, last?.workflowId ?? null];
      return Promise.resolve({ schedule, running: now, last: before });
    },
    overview: () => Promise.resolve(held.overview),
  };
}

/** The calls that change something: what a refused request must not have made. */
export function startedBy(orchestrator: FakeOrchestrator): readonly string[] {
  return orchestrator.calls.map((call) => call.method).filter((method) => !READS.includes(method));
}
