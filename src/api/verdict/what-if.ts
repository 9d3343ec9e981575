import type { z } from 'zod';
import {
  MAX_WHAT_IF_RELEASES,
  type WhatIfAnswer,
  type WhatIfChange,
  type WhatIfRequest,
} from '../../contract/schema/api-verdict';
import { readEvidence } from '../../contract/schema/window-evidence';
import type { StandingVerdict } from '../../domain/evidence-record';
import type { ReleaseOutcome } from '../../domain/release';
import { judgeWhatIf, type StoredWindow, type WhatIfAnswer as Judged } from '../../domain/what-if';
import { isAside } from '../../domain/window-subject';
import type { ApiDependencies } from '../dependencies';

type Request = z.infer<typeof WhatIfRequest>;

interface JudgedRelease extends Judged {
  readonly releaseId: string;
  readonly was: ReleaseOutcome;
}

const DAY_MS = 86_400_000;
/** Judging takes some 5 ms a window, more with many metrics. Well within the time that a handler has. */
const BUDGET_MS = 30_000;

/** What every answer leaves out, whatever the rules are. */
const NEVER_JUDGED: readonly string[] = [
  'builds, attestations, scans, signatures, scenarios and approvals stay as they were judged',
  'percentages, window lengths and extensions stay as they were run',
  'each window is judged by its last checkpoint; an earlier one might have ended it sooner',
];

/** Judges the stored windows of the releases of the last days by other rules. One release at a time: evidence is large. */
export async function answerWhatIf(
  { ledger, now }: Pick<ApiDependencies, 'ledger' | 'now'>,
  { rules, days, svc }: Request,
): Promise<WhatIfAnswer> {
  const startMs = now().getTime();
  const since = new Date(startMs - days * DAY_MS).toISOString();
  const statuses = await ledger.listReleases({
    ...(svc !== undefined && { svc }),
    since,
    limit: MAX_WHAT_IF_RELEASES + 1,
  });
  const judged: JudgedRelease[] = [];
  let looked = 0;
  for (const status of statuses.slice(0, MAX_WHAT_IF_RELEASES)) {
    if (now().getTime() - startMs > BUDGET_MS) break;
    looked += 1;
    const { releaseId, outcome } = status;
    if (outcome === undefined) continue;
    const windows = windowsOf(await ledger.standingVerdicts(releaseId));
    const stored = { outcome, reason: status.reason ?? '', windows };
    judged.push({ releaseId, was: outcome, ...judgeWhatIf(stored, rules) });
  }
  return summarize(judged, since, looked < statuses.length);
}

function windowsOf(verdicts: readonly StandingVerdict[]): readonly StoredWindow[] {
  return verdicts.flatMap(({ verdict: { gate, subject, outcome, evidence } }) =>
    (gate === 'canary' || gate === 'observation') && !isAside(subject)
      ? [{ gate, subject, outcome, evidence: readEvidence(evidence) }]
      : [],
  );
}

function summarize(
  judged: readonly JudgedRelease[],
  since: string,
  truncated: boolean,
): WhatIfAnswer {
  const count = (change: Judged['result']['change']): number =>
    judged.filter(({ result }) => result.change === change).length;
  return {
    since,
    releases: judged.length,
    truncated,
    summary: {
      unchanged: count('none'),
      stopped: count('stopped'),
      goesOn: count('goes-on'),
      unknown: count('unknown'),
    },
    changes: judged.flatMap((one) => toChange(one)),
    notes: [...new Set(judged.flatMap((one) => one.notes)), ...NEVER_JUDGED],
  };
}

function toChange({ releaseId, was, result }: JudgedRelease): readonly WhatIfChange[] {
  return result.change === 'none' ? [] : [{ releaseId, was, ...result }];
}
