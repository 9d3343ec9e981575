import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { CommitAuthors } from '../../src/domain/authors';
import type { Digest } from '../../src/domain/digest';
import type {
  ReleaseApproval,
  ReleaseOutcome,
  ReleaseStage,
  ReleaseStatus,
  ReleaseStep,
} from '../../src/domain/release';
import {
  addApproval,
  addVerdict,
  describeStatus,
  endStep,
  finishStatus,
  startStep,
  withDigest,
} from '../../src/domain/release-status';
import type { Verdict } from '../../src/domain/verdict';
import { describeFailure, rethrowCancellation } from './failure';
import type { Proxies } from './proxies';
import { SEARCH_KEYS } from './search-keys';
import { createStatusSaver } from './status-saver';

type EndState = Exclude<ReleaseStep['state'], 'running'>;

/** Where the release stands: kept here, shown in the Web UI, saved in the ledger. */
export interface Progress {
  status(): ReleaseStatus;
  /** Runs `work` as a step that people see; its failure is noted and thrown on. */
  step<T>(stage: ReleaseStage, title: string, work: () => Promise<T>): Promise<T>;
  /** `at`, RFC 3339, where it began before it is known to be a step. */
  start(stage: ReleaseStage, title: string, at?: string): void;
  end(title: string, state: EndState, note?: string): void;
  record(verdict: Verdict): void;
  approve(approval: ReleaseApproval): void;
  /** A line about what it waits for, or about a decision that was refused. */
  note(reason: string): void;
  setAuthors(authors: CommitAuthors): void;
  setDigest(digest: Digest): void;
  setRevertKey(keyId: string): void;
  finish(outcome: ReleaseOutcome, reason: string): Promise<void>;
}

export function nowIso(): string {
  return new Date().toISOString();
}

function publish(status: ReleaseStatus): void {
  const verdict = status.outcome ?? status.verdicts.at(-1)?.outcome ?? null;
  upsertSearchAttributes([
    { key: SEARCH_KEYS.service, value: status.svc },
    { key: SEARCH_KEYS.stage, value: status.stage },
    { key: SEARCH_KEYS.digest, value: status.digest ?? null },
    { key: SEARCH_KEYS.verdict, value: verdict },
  ]);
}

function whatToDo(status: ReleaseStatus): readonly string[] {
  if (status.outcome) return [];
  const actions = status.stage === 'approval' ? ['approve', 'abort'] : ['abort'];
  return actions.map(
    (action) =>
      `**To ${action}**: run \`plura reg token ${action} ${status.releaseId}\`, then here ` +
      `*More Actions*, *Send a Signal*, \`${action}\`, with the line it printed as input: ` +
      '`{"token": "…"}`.',
  );
}

export function createProgress(initial: ReleaseStatus, proxies: Proxies): Progress {
  let status = initial;
  const { runId } = workflowInfo();
  const saver = createStatusSaver((sequence) =>
    proxies.quick.saveStatus.executeWithOptions({ summary: `status: ${status.stage}` }, [
      { status, runId, sequence },
    ]),
  );

  function change(next: ReleaseStatus, save: boolean): void {
    const staged = next.stage !== status.stage || next.outcome !== status.outcome;
    status = next;
    setCurrentDetails(describeStatus(status, whatToDo(status)));
    if (staged) publish(status);
    if (save) saver.mark();
  }

  const progress: Progress = {
    status: () => status,
    start: (stage, title, at = nowIso()) => {
      change(startStep(status, stage, title, at), true);
    },
    end: (title, state, note) => {
      // Saved with what follows: an end is always followed by a start or by the finish.
      change(endStep(status, title, state, nowIso(), note), false);
    },
    async step(stage, title, work) {
      progress.start(stage, title);
      try {
        const result = await work();
        progress.end(title, 'done');
        return result;
      } catch (error) {
        progress.end(title, 'failed', noteOf(error));
        throw error;
      }
    },
    record: (verdict) => {
      change(addVerdict(status, verdict), false);
    },
    approve: (approval) => {
      change(addApproval(status, approval), true);
    },
    note: (reason) => {
      // Why it ended outlasts what comes late.
      if (status.outcome) return;
      change({ ...status, reason }, true);
    },
    setAuthors: (authors) => {
      change({ ...status, authors }, false);
    },
    setDigest: (digest) => {
      change(withDigest(status, digest), false);
    },
    setRevertKey: (revertKeyId) => {
      change({ ...status, revertKeyId }, false);
    },
    finish: async (outcome, reason) => {
      change(finishStatus(status, outcome, reason, nowIso()), true);
      await saver.flush();
    },
  };
  return progress;
}

function noteOf(error: unknown): string {
  try {
    rethrowCancellation(error);
  } catch {
    return 'stopped';
  }
  return describeFailure(error).message;
}
