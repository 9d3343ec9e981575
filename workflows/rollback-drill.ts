import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { DrillInput, DrillRunResult } from '../src/contract/drill-messages';
import type { DrillReadiness } from '../src/domain/drill/readiness';
import { drillId, judgeDrill, skipDrill, type DrillReport } from '../src/domain/drill/report';
import { createDrillProxies, type DrillProxies } from './steps/drill-proxies';
import { runDrillSteps, type OpenDrill } from './steps/drill-steps';
import { describeFailure } from './steps/failure';

type NotReady = Extract<DrillReadiness, { readonly ready: false }>;

interface DrillRun {
  readonly input: DrillInput;
  readonly proxies: DrillProxies;
}

/**
 * Rolls each service that the catalogue marks for drills back to its previous stable digest and forward again, several times, by the
 * product's own rollback through its lane, and keeps a report. Started by the Schedule `rollback-drill`, never two at a time; id
 * `rollback-drill-{time}`, on the control queue. It takes no messages. The lane is held meanwhile, and afterwards all is as it
 * was; what is not is in the report, which then has failed, and is alerted. Cancelled, it puts the service back first.
 */
export async function rollbackDrillWorkflow(input: DrillInput): Promise<DrillRunResult> {
  const run: DrillRun = { input, proxies: createDrillProxies(input.settings.targetMs) };
  const services = await run.proxies.quick.listDrillServices.executeWithOptions(
    { summary: 'services marked for drills' },
    [{}],
  );
  if (services.length === 0) {
    const why = 'The catalogue marks no service for drills: nothing is proven (drill: true).';
    return { reports: [await keep(run, skipped(run, null, nowIso(), why))] };
  }
  const reports: DrillReport[] = [];
  for (const svc of services) reports.push(await drillService(run, svc));
  return {
    reports: reports.map(({ id, svc, outcome, reasons }) => ({ id, svc, outcome, reasons })),
  };
}

const nowIso = (): string => new Date().toISOString();

function skipped({ input }: DrillRun, svc: string | null, at: string, why: string): DrillReport {
  return skipDrill({ id: drillId(svc, at), svc, at, targetMs: input.settings.targetMs, why });
}

async function drillService(run: DrillRun, svc: string): Promise<DrillReport> {
  const startedAt = nowIso();
  const id = drillId(svc, startedAt);
  setCurrentDetails(`### ${svc}: rollback drill\n\nOpening`);
  const skip = ({ why, urgent }: NotReady): Promise<DrillReport> =>
    alarmed(run, skipped(run, svc, startedAt, why), urgent ? 'critical' : 'warning');
  const readiness = await openLane(run, svc, id, skip);
  if (!readiness.ready) return skip(readiness);
  const { newer, older } = readiness;
  return drillOpened(run, { svc, id, newer, older }, startedAt);
}

/** `onLost` is told when it is cancelled and the lane may stay held. */
async function openLane(
  run: DrillRun,
  svc: string,
  id: string,
  onLost: (lost: NotReady) => Promise<unknown>,
): Promise<DrillReadiness> {
  try {
    return await run.proxies.writes.openDrill.executeWithOptions(
      { summary: `${svc}: hold the lane` },
      [{ svc, id }],
    );
  } catch (error) {
    const left = await leave(run, svc, id);
    const { message } = describeFailure(error);
    const why = left ? message : `${message}. Its lane may be held.`;
    const readiness = { ready: false, why, urgent: !left } as const;
    if (!isCancellation(error)) return readiness;
    if (!left) await CancellationScope.nonCancellable(() => onLost(readiness));
    throw error;
  }
}

async function drillOpened(
  run: DrillRun,
  open: OpenDrill,
  startedAt: string,
): Promise<DrillReport> {
  const { svc, id } = open;
  const { rounds, targetMs } = run.input.settings;
  const { steps, cancelled } = await runDrillSteps(run.input, run.proxies, open, setCurrentDetails);
  const report = await CancellationScope.nonCancellable(async () => {
    const troubles = [...(cancelled ? ['It was cancelled.'] : []), ...(await close(run, open))];
    const times = { startedAt, endedAt: nowIso() };
    const planned = 2 * rounds;
    const end = { id, svc, ...times, targetMs, planned, steps, troubles };
    return alarmed(run, judgeDrill(end), 'critical');
  });
  if (cancelled) throw new CancelledFailure(`The drill of ${svc} was cancelled`);
  return report;
}

async function close({ input, proxies }: DrillRun, open: OpenDrill): Promise<readonly string[]> {
  try {
    const { troubles } = await proxies.writes.closeDrill.executeWithOptions(
      { summary: `${open.svc}: back to where it was` },
      [{ ...open, policy: input.policy }],
    );
    return troubles;
  } catch (error) {
    const { message } = describeFailure(error);
    return [`Whether ${open.svc} is where it was is not known: ${message}. Its lane may be held.`];
  }
}

/** The hold may stand though its answer was lost. False when it may stand still. */
async function leave({ proxies }: DrillRun, svc: string, id: string): Promise<boolean> {
  return CancellationScope.nonCancellable(async () => {
    try {
      await proxies.quick.leaveDrill.executeWithOptions({ summary: `${svc}: open the lane` }, [
        { svc, id },
      ]);
      return true;
    } catch {
      return false;
    }
  });
}

async function keep({ proxies }: DrillRun, report: DrillReport): Promise<DrillReport> {
  await proxies.quick.saveDrillReport.executeWithOptions({ summary: `report ${report.id}` }, [
    { report },
  ]);
  return report;
}

/** A service that is marked, and was not drilled, is worth a word as well. */
async function alarmed(
  run: DrillRun,
  report: DrillReport,
  severity: 'critical' | 'warning',
): Promise<DrillReport> {
  const { id, svc, outcome, reasons } = report;
  if (outcome !== 'passed') {
    const title = `${svc ?? ''}: rollback drill ${outcome}`;
    try {
      await run.proxies.quick.notify.executeWithOptions({ summary: title }, [
        {
          id: `drill/${id}`,
          severity,
          title,
          text: `${reasons.join(' ')} See: plura reg drill show ${id}`,
          svc: svc ?? '',
        },
      ]);
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The report says it too, and the next drill will.
    }
  }
  return keep(run, report);
}
