import type {
  ReleaseApproval,
  ReleaseOrigin,
  ReleaseOutcome,
  ReleaseStage,
  ReleaseStatus,
  ReleaseStep,
} from './release';
import type { Actor } from './actor';
import type { Digest } from './digest';
import { appRepository, displayVersion, versionTag } from './reference';
import type { Verdict } from './verdict';

interface StatusRequest {
  readonly releaseId: string;
  readonly service: { readonly svc: string; readonly name: string };
  readonly version: string;
  readonly revision: string;
  readonly origin: ReleaseOrigin;
  readonly requestedBy: Actor;
  readonly requestedAt: string;
  readonly policyHash: string;
}

export function newStatus(request: StatusRequest, workflowId: string): ReleaseStatus {
  return {
    releaseId: request.releaseId,
    svc: request.service.svc,
    repository: appRepository(request.service.svc, request.service.name),
    version: request.version,
    revision: request.revision,
    origin: request.origin,
    requestedBy: request.requestedBy.subject,
    requestedAt: request.requestedAt,
    ...(request.origin.kind === 'digest' && { digest: request.origin.digest }),
    stage: 'queued',
    steps: [],
    verdicts: [],
    approvals: [],
    policyHash: request.policyHash,
    workflowId,
  };
}

export function startStep(
  status: ReleaseStatus,
  stage: ReleaseStage,
  title: string,
  at: string,
): ReleaseStatus {
  const step: ReleaseStep = { stage, title, state: 'running', startedAt: at };
  return { ...status, stage, steps: [...status.steps, step] };
}

/** Ends the newest running step of that title. */
export function endStep(
  status: ReleaseStatus,
  title: string,
  state: Exclude<ReleaseStep['state'], 'running'>,
  at: string,
  note?: string,
): ReleaseStatus {
  const index = status.steps.findLastIndex(
    (step) => step.title === title && step.state === 'running',
  );
  const step = status.steps[index];
  if (!step) return status;
  const ended: ReleaseStep = { ...step, state, endedAt: at, ...(note && { note }) };
  return { ...status, steps: status.steps.with(index, ended) };
}

/** The newest verdict of a gate and subject stands: a window is judged at every checkpoint. */
export function addVerdict(status: ReleaseStatus, verdict: Verdict): ReleaseStatus {
  const others = status.verdicts.filter(
    (known) => known.gate !== verdict.gate || known.subject !== verdict.subject,
  );
  return { ...status, verdicts: [...others, verdict] };
}

export function addApproval(status: ReleaseStatus, approval: ReleaseApproval): ReleaseStatus {
  return { ...status, approvals: [...status.approvals, approval] };
}

export function withDigest(status: ReleaseStatus, digest: Digest): ReleaseStatus {
  return { ...status, digest };
}

export function finishStatus(
  status: ReleaseStatus,
  outcome: ReleaseOutcome,
  reason: string,
  at: string,
): ReleaseStatus {
  return { ...status, stage: 'done', outcome, reason, endedAt: at };
}

const REFUSALS: ReadonlySet<string> = new Set([
  'INVALID_INPUT',
  'DIGEST_NOT_FOUND',
  'SOURCE_NOT_FOUND',
  'LABEL_MISSING',
  'LATEST_REFUSED',
  'BASE_REFUSED',
  'BUILD_REFUSED',
  'BUILD_FAILED',
  'ATTESTATION_INVALID',
  'SIGNATURE_INVALID',
  'GATE_FAILED',
  'TAG_TAKEN',
  'BAD_DIGEST',
  'QUARANTINED',
  'ROLLOUT_FAILED',
]);

/** What a release ends as when a step failed with `code`. */
export function outcomeOfFailure(code: string): ReleaseOutcome {
  if (code === 'FENCED') return 'preempted';
  return REFUSALS.has(code) ? 'rejected' : 'failed';
}

const MARKS = {
  running: '…',
  done: '✓',
  failed: '✗',
  compensated: '↩',
  'compensation-failed': '‼',
} as const;

/** A note may hold anything; a table cell may not. */
function cell(text = ''): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 300);
}

function clock(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

function took({ startedAt, endedAt }: ReleaseStep): string {
  if (endedAt === undefined) return '';
  const seconds = Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  return seconds < 90 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/** Markdown for Temporal Web UI's current details; `next` says what a person can do now. */
export function describeStatus(status: ReleaseStatus, next: readonly string[]): string {
  const title = `${status.svc} ${displayVersion(versionTag(status.version, status.revision))}`;
  const steps = status.steps.map(
    (step) =>
      `| ${MARKS[step.state]} | ${step.title} | ${clock(step.startedAt)} | ${took(step)} | ${cell(step.note)} |`,
  );
  const verdicts = status.verdicts.map(
    ({ gate, subject, outcome, reasons }) =>
      `- **${gate}**${subject === status.digest ? '' : ` ${subject}`}: ${outcome}` +
      (reasons.length > 0 ? ` – ${reasons.join('; ')}` : ''),
  );
  return [
    `### ${title}: ${status.outcome ?? status.stage}`,
    ...(status.reason ? [status.reason] : []),
    next.join('\n\n'),
    `Digest \`${status.digest ?? 'not built yet'}\`, asked for by ${status.requestedBy}.`,
    ['| | step | began (UTC) | took | note |', '|---|---|---|---|---|', ...steps.slice(-30)].join(
      '\n',
    ),
    verdicts.slice(-20).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .slice(0, 12_000);
}
