import {
  ActivityCancellationType,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { DueNotice, RejudgedImage } from '../activities/exceptions';
import type {
  ExceptionExpiryInput,
  ExceptionExpiryReport,
} from '../src/contract/exception-messages';
import { MESSAGES } from '../src/contract/messages';
import type { QuarantineHits } from '../src/contract/quarantine-messages';
import type { Digest } from '../src/domain/digest';
import { attempt } from './steps/attempt';
import { bullets, firstLines } from './steps/report';
import { SEARCH_KEYS } from './steps/search-keys';

/** The next run is a minute away: what stays away is left to it. */
const activities = proxyActivities<Activities>({
  startToCloseTimeout: 120_000,
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 300_000,
  retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 10_000 },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/** A hundred digests each, as many as a minute allows: what is left is for the next run, and nobody waits long for a broken glass. */
const MAX_SLICES = 5;
const MAX_PLACES = 10;

interface ExpiryRun {
  readonly input: ExceptionExpiryInput;
  report: ExceptionExpiryReport;
}

/**
 * Judges again what passed by exceptions that have ended or were revoked, and tells people: with where it runs, ahead of the end, and
 * of broken glass at once and each day. Started by the Schedule `exception-expiry`, never two at a time; id
 * `exception-expiry-{time}`, on the control queue. It takes no message but the query `getExceptionExpiry`, and does not fail when a
 * part stays away: the next run does what is left. Admission, gateway and promotion do not wait for it: they go by the time.
 */
export async function exceptionExpiryWorkflow(
  input: ExceptionExpiryInput,
): Promise<ExceptionExpiryReport> {
  const startedAt = new Date().toISOString();
  const run: ExpiryRun = {
    input,
    report: {
      ...{ startedAt, endedAt: null, outcome: null, rejudged: 0, told: 0, found: [], errors: [] },
    },
  };
  setHandler(defineQuery<ExceptionExpiryReport>(MESSAGES.getExceptionExpiry), () => run.report);
  upsertSearchAttributes([{ key: SEARCH_KEYS.stage, value: 'exceptions' }]);
  // First: ten thousand digests of an exception that has ended must not hold up the alarm of a broken glass.
  await tellNotices(run);
  await rejudge(run);
  const outcome = run.report.errors.length > 0 ? 'incomplete' : 'done';
  change(run, { outcome, endedAt: new Date().toISOString() });
  upsertSearchAttributes([{ key: SEARCH_KEYS.verdict, value: outcome }]);
  return run.report;
}

function change(run: ExpiryRun, over: Partial<ExceptionExpiryReport>): void {
  run.report = { ...run.report, ...over };
  setCurrentDetails(describe(run.report));
}

function note(run: ExpiryRun, field: 'found' | 'errors', line: string): void {
  change(run, { [field]: firstLines([...run.report[field], line]) });
}

async function rejudge(run: ExpiryRun): Promise<void> {
  const { policyHash } = run.input.settings;
  for (let slice = 0; slice < MAX_SLICES; slice += 1) {
    const judged = await attempt(() =>
      activities.rejudgeLapsed.executeWithOptions({ summary: 'what passed by ended exceptions' }, [
        { policyHash },
      ]),
    );
    if (judged.stopped !== null) {
      note(run, 'errors', judged.stopped);
      return;
    }
    change(run, { rejudged: run.report.rejudged + judged.value.rejudged.length });
    for (const image of judged.value.rejudged) await alarmRejudged(run, image);
    if (!judged.value.more) return;
  }
}

async function alarmRejudged(run: ExpiryRun, image: RejudgedImage): Promise<void> {
  const { svc, digest, releaseId, reasons } = image;
  const { hits, text } = await findPlaces(run, [digest]);
  const why = reasons.join('; ');
  note(run, 'found', `${svc} ${digest}: ${why}`);
  const refused =
    run.input.settings.policy.endedPulls === 'refuse' ? 'Pulls, promotions' : 'Promotions';
  await send(run, {
    id: `exception/rejudged/${svc}/${digest}/${run.report.startedAt}`,
    severity: hits.some(({ prod }) => prod) ? 'critical' : 'warning',
    title: `${svc}: a digest passes its scan no more, since an exception has ended`,
    text: `${digest}, released by ${releaseId}: ${why}. ${text} ${refused} and new pods of it are refused.`,
    ...{ svc, releaseId },
  });
}

async function tellNotices(run: ExpiryRun): Promise<void> {
  const { policy } = run.input.settings;
  const due = await attempt(() =>
    activities.findExceptionNotices.executeWithOptions({ summary: 'what people are told' }, [
      { policy },
    ]),
  );
  if (due.stopped !== null) {
    note(run, 'errors', due.stopped);
    return;
  }
  for (const notice of due.value) await tellNotice(run, notice);
}

async function tellNotice(run: ExpiryRun, notice: DueNotice): Promise<void> {
  const { exceptionId, name, severity, title, svc, owner, reason, expiresAt, digests } = notice;
  const { text } = await findPlaces(run, digests);
  const sent = await send(run, {
    id: `exception/${exceptionId}/${name}`,
    ...{ severity, title, svc },
    text: `Ends at ${expiresAt}; ${owner} answers for it: ${reason}. ${text}`,
  });
  if (!sent) return;
  const noted = await attempt(() =>
    activities.noteExceptionTold.executeWithOptions({ summary: `told: ${name}` }, [
      { exceptionId, name },
    ]),
  );
  // It is told again then, with the same id.
  if (noted.stopped !== null) note(run, 'errors', noted.stopped);
  note(run, 'found', title);
  change(run, { told: run.report.told + 1 });
}

async function findPlaces(
  run: ExpiryRun,
  digests: readonly Digest[],
): Promise<Pick<QuarantineHits, 'hits'> & { readonly text: string }> {
  if (digests.length === 0) return { hits: [], text: 'No digest rests on it.' };
  const { startedAt: at } = run.report;
  const asked = { id: at, digests, reason: '', cves: [], by: 'system:plura', at };
  const found = await attempt(() =>
    activities.findQuarantineHits.executeWithOptions({ summary: 'where it runs' }, [asked]),
  );
  if (found.stopped !== null) return { hits: [], text: `Where it runs: ${found.stopped}` };
  const { hits, more, unknown } = found.value;
  const places = hits.slice(0, MAX_PLACES).map(({ svc, where }) => `${svc} ${where}`);
  const others = hits.length - places.length + more;
  const text = [
    places.length === 0 ? 'It is in no channel and runs nowhere.' : `It is in ${places.join(', ')}`,
    ...(others > 0 ? [`and ${others} more places`] : []),
    ...unknown.slice(0, 3).map((one) => `not known: ${one}`),
  ].join('; ');
  return { hits, text: text.endsWith('.') ? text : `${text}.` };
}

async function send(run: ExpiryRun, alarm: Parameters<Activities['notify']>[0]): Promise<boolean> {
  const { stopped } = await attempt(() =>
    activities.notify.executeWithOptions({ summary: alarm.title }, [alarm]),
  );
  if (stopped !== null) note(run, 'errors', `not delivered: ${alarm.title}. ${stopped}`);
  return stopped === null;
}

/** Markdown for Temporal Web UI. */
function describe({ outcome, rejudged, told, found, errors }: ExceptionExpiryReport): string {
  return [
    `### Exceptions: ${outcome ?? 'under way'}`,
    `Digests judged again: ${rejudged}. Alarms: ${told}.`,
    ...bullets('Found', found),
    ...bullets('Not done', errors),
  ].join('\n\n');
}
