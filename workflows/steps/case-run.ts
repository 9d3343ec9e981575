import {
  ActivityCancellationType,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type {
  AdvisoryCaseInput,
  AdvisoryCaseReport,
  AdvisoryCaseState,
  CaseClock,
} from '../../src/contract/advisory-messages';
import type { AdvisoryHit } from '../../src/domain/advisories/case';
import { whyOpen } from '../../src/domain/advisories/case-alert';
import { isOverdue } from '../../src/domain/advisories/case-clock';
import { attempt } from './attempt';
import { bullets, firstLines } from './report';
import { SEARCH_KEYS } from './search-keys';

export interface CaseRun {
  readonly input: AdvisoryCaseInput;
  readonly activities: ActivityInterfaceFor<Activities>;
  /** Signalled, and not on record yet. */
  readonly pending: AdvisoryHit[];
  /** Somebody says that the ledger has news. */
  woken: boolean;
  /** Replaced, never changed in place. */
  state: AdvisoryCaseState;
}

export function createCaseRun(input: AdvisoryCaseInput): CaseRun {
  return {
    input,
    // Within a look what stays away is waited for as long as another look would be: then people are told that nothing is known.
    activities: proxyActivities<Activities>({
      startToCloseTimeout: 600_000,
      heartbeatTimeout: 20_000,
      scheduleToCloseTimeout: 900_000,
      retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 60_000 },
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
    pending: [],
    woken: false,
    state: input.state ?? emptyState(input.advisory),
  };
}

function emptyState(advisory: string): AdvisoryCaseState {
  return {
    report: {
      ...{ advisory, clock: null, closedAt: null, resolution: null, look: null },
      ...{ rollups: [], problems: [] },
    },
    told: [],
    clearLooks: 0,
    acted: 0,
  };
}

/** For the next case of the same advisory. */
export function restart(run: CaseRun): void {
  run.state = emptyState(run.input.advisory);
}

export function change(run: CaseRun, over: Partial<Omit<AdvisoryCaseState, 'report'>>): void {
  run.state = { ...run.state, ...over };
}

export function report(run: CaseRun, over: Partial<AdvisoryCaseReport>): void {
  run.state = { ...run.state, report: { ...run.state.report, ...over } };
  setCurrentDetails(describeReport(run.state.report));
}

export function noteProblem(run: CaseRun, problem: string): void {
  report(run, { problems: firstLines([...run.state.report.problems, problem]) });
}

/** What fails is shown, and the next look tries again. Null when it failed. */
export async function tryStep<T>(
  run: CaseRun,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | null> {
  const tried = await attempt(work);
  if (tried.stopped === null) return { value: tried.value };
  noteProblem(run, tried.stopped);
  return null;
}

/** Only what changes is written: each is an event of the history. */
export function publish(run: CaseRun): void {
  const { clock, closedAt, resolution } = run.state.report;
  const open = clock && isOverdue(clock, Date.now()) ? 'overdue' : 'open';
  upsertSearchAttributes([
    { key: SEARCH_KEYS.stage, value: 'advisory' },
    { key: SEARCH_KEYS.verdict, value: closedAt === null ? open : (resolution ?? 'closed') },
  ]);
}

/** Key of a record within the case: an advisory may have several, one after the other. */
export function keyOf(run: CaseRun, clock: CaseClock, what: string): string {
  return `advisory/${run.input.advisory}/${clock.openedAt}/${what}`;
}

/** Markdown for Temporal Web UI. */
function describeReport({ advisory, clock, look, ...one }: AdvisoryCaseReport): string {
  const state = one.closedAt === null ? whyOpen(look) : `Closed at ${one.closedAt}.`;
  const rollups = one.rollups.map(({ id, services, ended, released }) => {
    const progress = ended ? `ended, ${released} released` : 'under way';
    return `${id}: ${services.slice(0, 5).join(', ')} (${services.length}), ${progress}`;
  });
  return [
    `### ${advisory}${clock ? ` (${clock.severity}), due ${clock.dueAt}` : ''}`,
    state,
    ...bullets('Affected', firstLines((look?.affected ?? []).map((at) => `${at.svc} ${at.where}`))),
    ...bullets('Not known', firstLines(look?.unknown ?? [])),
    ...bullets('To do', look?.todo ?? []),
    ...bullets('Rollups', firstLines(rollups)),
    ...bullets('Could not be done', one.problems),
  ].join('\n\n');
}
