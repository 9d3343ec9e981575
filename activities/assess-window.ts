import type { Digest } from '../src/domain/digest';
import {
  adequateWindow,
  type AdequacyInput,
  type WindowAdequacy,
} from '../src/domain/judge/adequate-window';
import type { JudgePlan } from '../src/domain/plan';
import { rangeMsOf, resolveQuery } from '../src/domain/plan-query';
import type { Environment } from '../src/domain/reference';
import type { RequestCounts, Series } from '../src/domain/series';
import type { Gate, Json, Verdict } from '../src/domain/verdict';
import { asideOf } from '../src/domain/window-subject';
import type { Deps } from './deps';
import { orNothingSeen } from './no-samples';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface AssessWindowInput {
  readonly release: ReleaseRef;
  readonly gate: Extract<Gate, 'canary' | 'observation'>;
  readonly subject: string;
  readonly env: Environment;
  readonly stable: Digest;
  readonly judge: JudgePlan;
  readonly percent: number;
  readonly windowMs: number;
  /** RFC 3339: the window before this moment shows how stable varies. */
  readonly before: string;
}

export interface AssessedWindow {
  /** Inconclusive for a window that can't show what the plan asks for. */
  readonly verdict: Verdict;
  /** As long as it has to be. */
  readonly windowMs: number;
}

export interface AssessWindowActivities {
  /** Says what a window can show before it starts; what was never seen is said too. Throws METRICS_UNAVAILABLE. */
  assessWindow(input: AssessWindowInput): Promise<AssessedWindow>;
}

export function createAssessWindowActivities(
  deps: Pick<Deps, 'metrics' | 'scrapeIntervalMs' | 'ledger' | 'now'>,
): AssessWindowActivities {
  return {
    async assessWindow(input): Promise<AssessedWindow> {
      const { release, gate, subject } = input;
      const adequacy = await assess(deps, input);
      const verdict = await recordVerdict(deps, release, {
        gate,
        subject: asideOf(subject, 'power'),
        outcome: adequacy.decision === 'refuse' ? 'inconclusive' : 'pass',
        reasons: adequacy.reasons,
        evidence: describe(adequacy),
      });
      return { verdict, windowMs: adequacy.windowMs };
    },
  };
}

async function assess(
  { metrics, scrapeIntervalMs }: Pick<Deps, 'metrics' | 'scrapeIntervalMs'>,
  { release, env, stable, judge, percent, windowMs, before }: AssessWindowInput,
): Promise<WindowAdequacy> {
  const { svc } = release;
  const { sampleIntervalMs: stepMs } = judge;
  const from = new Date(Date.parse(before) - windowMs).toISOString();
  const measured = { svc, env, digest: stable, track: 'stable' as const };
  const names = metrics.namesOf(measured);
  const rangeMs = rangeMsOf(stepMs, scrapeIntervalMs);
  const values = { service: svc, version: stable, env, windowMs: rangeMs, names };
  const [sample, ...series] = await Promise.all([
    orNothingSeen(metrics.sampleWindow({ ...measured, from, to: before })),
    ...judge.metrics.map(async ({ name, query }): Promise<[string, Series]> => {
      const expr = resolveQuery(query, values);
      return [name, await metrics.sampleSeries({ query: expr, from, to: before, stepMs })];
    }),
  ]);
  const adequacy = adequateWindow({
    judge,
    windowMs,
    seen: Object.fromEntries(series),
    requests: sample && expected(sample, percent / 100),
  });
  const unseen = `nothing of stable was seen from ${from} to ${before}`;
  return sample ? adequacy : { ...adequacy, reasons: [...adequacy.reasons, unseen] };
}

/** What stable took, taken by both. */
function expected(
  { requests, errors }: RequestCounts,
  share: number,
): NonNullable<AdequacyInput['requests']> {
  return {
    candidate: requests * share,
    stable: { requests: requests * (1 - share), errors: errors * (1 - share) },
  };
}

function describe({ decision, windowMs, metrics, errorDifference }: WindowAdequacy): Json {
  const detectable = metrics.map(({ metric, detectable: shift, known }): [string, Json] => [
    metric,
    known ? shift : 'not known yet',
  ]);
  return {
    decision,
    windowMs,
    power: 0.8,
    detectable: Object.fromEntries(detectable),
    errorDifference,
  };
}
