import {
  ActivityCancellationType,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import {
  DATABASE_MESSAGES,
  type DatabaseMirrorInput,
  type DatabaseMirrorLine,
  type DatabaseMirrorReport,
} from '../src/contract/database-messages';
import { ageOf, type DatabaseKind } from '../src/domain/advisories/database-mirror';
import { attempt } from './steps/attempt';
import { alarmOfDatabase } from './steps/database-alarms';
import { SEARCH_KEYS } from './steps/search-keys';

/** Hundreds of megabytes, unpacked and asked after the canary; a source that is away is left to the next run. */
const activities = proxyActivities<Activities>({
  startToCloseTimeout: 1_800_000,
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 3_600_000,
  retry: {
    initialInterval: 1_000,
    backoffCoefficient: 2,
    maximumInterval: 60_000,
    maximumAttempts: 8,
  },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Brings the scanner's databases into our registry, and tells when what we have grows too old, whatever the reason. Started by the
 * Schedule `database-mirror`, never two at a time, id `database-mirror-{time}`, on the release queue, whose worker has the scanner.
 * It takes no message but the query `getReport`, and does not fail when the source stays away: its report says so.
 */
export async function databaseMirrorWorkflow({
  settings,
}: DatabaseMirrorInput): Promise<DatabaseMirrorReport> {
  let report: DatabaseMirrorReport = {
    ...{ startedAt: new Date().toISOString(), endedAt: null, outcome: null },
    ...{ lines: [], watchStarted: false },
  };
  const change = (over: Partial<DatabaseMirrorReport>): void => {
    report = { ...report, ...over };
    setCurrentDetails(describe(report));
  };
  setHandler(defineQuery<DatabaseMirrorReport>(DATABASE_MESSAGES.getReport), () => report);
  publish(null);
  for (const kind of settings.kinds) {
    const line = await mirrorKind(kind, settings.maxAgeMs);
    change({ lines: [...report.lines, line] });
    await alarmOfDatabase(activities, line, report.startedAt);
  }
  const news = report.lines.some(
    ({ kind, outcome }) => kind === 'vulnerabilities' && outcome === 'mirrored',
  );
  if (news) change({ watchStarted: await startWatch() });
  const outcome = worstOf(report.lines);
  change({ outcome, endedAt: new Date().toISOString() });
  publish(outcome);
  return report;
}

async function mirrorKind(kind: DatabaseKind, maxAgeMs: number): Promise<DatabaseMirrorLine> {
  const tried = await attempt(() =>
    activities.mirrorDatabase.executeWithOptions({ summary: `the database: ${kind}` }, [{ kind }]),
  );
  const result = tried.stopped === null ? tried.value : null;
  const reason = result?.kind === 'refused' ? result.reason : tried.stopped;
  const outcome = result?.kind ?? 'failed';
  if (result && result.kind !== 'refused') {
    const { updatedAt } = result.database;
    return { kind, outcome, reason, updatedAt, age: ageOf(updatedAt, maxAgeMs, Date.now()) };
  }
  const known = await attempt(() =>
    activities.newestDatabase.executeWithOptions({ summary: 'what we have' }, [{ kind }]),
  );
  const updatedAt = known.stopped === null ? (known.value?.updatedAt ?? null) : null;
  const age = updatedAt === null ? null : ageOf(updatedAt, maxAgeMs, Date.now());
  return { kind, outcome, reason, updatedAt, age };
}

/** Where it fails the watch's own Schedule comes soon. */
async function startWatch(): Promise<boolean> {
  const started = await attempt(() =>
    activities.startAdvisoryWatch.executeWithOptions({ summary: 'match the index with it' }, []),
  );
  return started.stopped === null && started.value;
}

const ORDER = ['failed', 'refused', 'mirrored', 'unchanged'] as const;

function worstOf(lines: readonly DatabaseMirrorLine[]): DatabaseMirrorLine['outcome'] {
  return ORDER.find((one) => lines.some(({ outcome }) => outcome === one)) ?? 'unchanged';
}

function publish(outcome: DatabaseMirrorLine['outcome'] | null): void {
  upsertSearchAttributes([
    { key: SEARCH_KEYS.stage, value: 'database-mirror' },
    { key: SEARCH_KEYS.verdict, value: outcome },
  ]);
}

/** Markdown for Temporal Web UI. */
function describe({ outcome, lines, startedAt }: DatabaseMirrorReport): string {
  return [
    `### Databases of the scanner: ${outcome ?? 'under way'}`,
    `Since ${startedAt}`,
    ...lines.map(
      (line) =>
        `- ${line.kind}: ${line.outcome}, of ${line.updatedAt ?? 'unknown age'}${line.reason === null ? '' : `. ${line.reason}`}`,
    ),
  ].join('\n\n');
}
