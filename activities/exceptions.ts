import { noticesOf, type ExceptionNotice } from '../src/domain/exceptions/notices';
import { judgeLapsed } from '../src/domain/exceptions/lapsed';
import type { ExceptionPolicy } from '../src/domain/exceptions/policy';
import type { Digest } from '../src/domain/digest';
import type { CoveredImage } from '../src/ports/exceptions';
import type { Deps } from './deps';
import { currentRunId } from './verdicts';

export interface DueNotice extends ExceptionNotice {
  readonly svc: string;
  readonly reason: string;
  readonly owner: string;
  readonly expiresAt: string;
  /** Whose last pass rests on it, the first few. */
  readonly digests: readonly Digest[];
}

/** A digest that passed by an exception that has ended, and passes no more. */
export interface RejudgedImage {
  readonly svc: string;
  readonly digest: Digest;
  readonly releaseId: string;
  readonly reasons: readonly string[];
}

interface RejudgeResult {
  readonly rejudged: readonly RejudgedImage[];
  /** There may be others. */
  readonly more: boolean;
}

export interface ExceptionActivities {
  /** What people should have been told of exceptions by now and were not. Throws LEDGER_UNAVAILABLE. */
  findExceptionNotices(input: { readonly policy: ExceptionPolicy }): Promise<readonly DueNotice[]>;
  /** Remembers that people were told. Throws LEDGER_UNAVAILABLE. */
  noteExceptionTold(input: Pick<ExceptionNotice, 'exceptionId' | 'name'>): Promise<void>;
  /**
   * Judges a slice of what passed by exceptions that have ended again, by the findings on record; no scanner is asked. Each gets a new
   * scan verdict, once. Throws LEDGER_UNAVAILABLE.
   */
  rejudgeLapsed(input: { readonly policyHash: string }): Promise<RejudgeResult>;
}

type ExceptionDeps = Pick<Deps, 'exceptions' | 'ledger' | 'now'>;

/** Of a run; what is over is for the next. */
const MAX_NOTICES = 50;
const MAX_WATCHED = 10_000;
const MAX_DIGESTS = 20;
/** Who was away for a week is told of what ended meanwhile. */
const LOOK_BACK_MS = 7 * 86_400_000;
const SLICE = 100;
const MAX_TOLD_REASONS = 5;

export function createExceptionActivities(deps: ExceptionDeps): ExceptionActivities {
  return {
    findExceptionNotices: ({ policy }) => findNotices(deps, policy),
    noteExceptionTold: ({ exceptionId, name }) =>
      deps.exceptions.tell({ exceptionId, name }, deps.now().toISOString()),
    rejudgeLapsed: ({ policyHash }) => rejudgeLapsed(deps, policyHash),
  };
}

async function findNotices(
  { exceptions, now }: ExceptionDeps,
  policy: ExceptionPolicy,
): Promise<readonly DueNotice[]> {
  const at = now();
  const watched = await exceptions.watched(at.toISOString(), LOOK_BACK_MS, MAX_WATCHED);
  const due = watched.flatMap((exception) =>
    noticesOf(exception, policy, at.getTime()).map((notice) => ({ exception, notice })),
  );
  const ids = [...new Set(due.map(({ exception: { id } }) => id))];
  const told = new Set(
    (await exceptions.toldOf(ids)).map(({ exceptionId, name }) => `${exceptionId} ${name}`),
  );
  const isCritical = ({ notice }: (typeof due)[number]): boolean => notice.severity === 'critical';
  // A broken glass does not wait behind a thousand exceptions that end at one midnight.
  const untold = due
    .filter(({ notice }) => !told.has(`${notice.exceptionId} ${notice.name}`))
    .sort((a, b) => Number(isCritical(b)) - Number(isCritical(a)));
  return Promise.all(
    untold.slice(0, MAX_NOTICES).map(async ({ exception, notice }) => {
      const images = await exceptions.coveredBy(exception.id, MAX_DIGESTS);
      const { svc, reason, owner, expiresAt } = exception;
      const digests = [...new Set(images.map(({ digest }) => digest))];
      return { ...notice, svc: svc ?? '', reason, owner, expiresAt, digests };
    }),
  );
}

async function rejudge(
  deps: ExceptionDeps,
  image: CoveredImage,
  policyHash: string,
): Promise<RejudgedImage | null> {
  const { svc, digest, releaseId, covered } = image;
  const [newest, exceptions] = await Promise.all([
    deps.ledger.newestScan(svc, digest),
    deps.ledger.listExceptions(svc),
  ]);
  // One that could not tell since then does not cover it either.
  if (!newest || newest.verdict.outcome === 'fail') return null;
  const at = deps.now();
  const record = { ...newest.verdict, at: newest.at };
  const nowMs = at.getTime();
  const verdict = judgeLapsed({ svc, subject: digest, record, covered, exceptions, nowMs });
  if (!verdict) return null;
  const runId = `${currentRunId()}/${svc}`;
  await deps.ledger.recordRescan(releaseId, runId, policyHash, verdict, at.toISOString());
  return { svc, digest, releaseId, reasons: verdict.reasons.slice(0, MAX_TOLD_REASONS) };
}

async function rejudgeLapsed(deps: ExceptionDeps, policyHash: string): Promise<RejudgeResult> {
  const lapsed = await deps.exceptions.lapsed(deps.now().toISOString(), SLICE);
  const rejudged: RejudgedImage[] = [];
  for (const image of lapsed) {
    const one = await rejudge(deps, image, policyHash);
    if (one) rejudged.push(one);
  }
  // Those that could not be judged would come back for ever.
  return { rejudged, more: lapsed.length === SLICE && rejudged.length > 0 };
}
