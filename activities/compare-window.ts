import type { Digest } from '../src/domain/digest';
import {
  encodeWindowEvidence,
  type EvidenceQuery,
  type WindowEvidence,
} from '../src/domain/evidence';
import { judgeSamples } from '../src/domain/judge/judge-samples';
import type { TrackSamples, WindowInput } from '../src/domain/judge/window-input';
import type { JudgePlan } from '../src/domain/plan';
import { rangeMsOf, resolveQuery } from '../src/domain/plan-query';
import type { Series } from '../src/domain/series';
import type { Verdict } from '../src/domain/verdict';
import type { Deps } from './deps';
import type { MeasureWindowInput } from './window';

export interface ComparisonInput {
  readonly judge: JudgePlan;
  /** Null: nothing to compare with. */
  readonly stable: Digest | null;
  /** Nothing stable is in the route beside it; with all the traffic on the candidate there is. Without it: as `stable` says. */
  readonly alone?: boolean;
  /** Percent of the traffic that the candidate takes. */
  readonly share?: number;
  /** How often the window was extended so far. */
  readonly extensions?: number;
}

type CompareInput = MeasureWindowInput & { readonly comparison: ComparisonInput };

type CompareDeps = Pick<Deps, 'metrics' | 'scrapeIntervalMs'>;

interface Track {
  readonly samples: TrackSamples;
  readonly countedFrom: string | undefined;
  readonly queries: readonly EvidenceQuery[];
}

/** Measures candidate and stable over the same window and judges one beside the other. Throws METRICS_UNAVAILABLE. */
export async function compareWindow(deps: CompareDeps, input: CompareInput): Promise<Verdict> {
  const { release, gate, subject, digest, from, to, guardrails, windowMs, comparison } = input;
  const { judge, stable: stableDigest, share } = comparison;
  const [candidate, stable] = await Promise.all([
    measureTrack(deps, input, 'candidate', digest),
    stableDigest ? measureTrack(deps, input, 'stable', stableDigest) : null,
  ]);
  const judged: WindowInput = {
    judge,
    guardrails,
    windowMs,
    look: lookOf(input),
    ...(share !== undefined && { share }),
    candidate: candidate.samples,
    stable: stable?.samples ?? null,
  };
  const answer = judgeSamples(judged);
  const evidence = encodeWindowEvidence({
    input: judged,
    answer,
    queries: [...candidate.queries, ...(stable?.queries ?? [])],
    policyHash: release.policyHash,
    ...(release.planHash !== undefined && { planHash: release.planHash }),
    from,
    to,
    ...countedFromOf({ candidate, stable }),
    digests: { candidate: digest, stable: stableDigest },
  });
  return { gate, subject, outcome: answer.outcome, reasons: answer.reasons, evidence };
}

function countedFromOf(
  tracks: Readonly<Record<EvidenceQuery['track'], Track | null>>,
): Pick<WindowEvidence, 'countedFrom'> {
  const [candidate, stable] = [tracks.candidate?.countedFrom, tracks.stable?.countedFrom];
  if (candidate === undefined && stable === undefined) return {};
  return {
    countedFrom: {
      ...(candidate !== undefined && { candidate }),
      ...(stable !== undefined && { stable }),
    },
  };
}

/** An end that was measured late is an end, and no look at an extension that nobody gave. */
function lookOf({ from, to, windowMs, comparison: { extensions = 0 } }: CompareInput): number {
  return Math.min(1 + extensions, (Date.parse(to) - Date.parse(from)) / windowMs);
}

async function measureTrack(
  { metrics, scrapeIntervalMs }: CompareDeps,
  { release, env, from, to, comparison }: CompareInput,
  track: EvidenceQuery['track'],
  digest: Digest,
): Promise<Track> {
  const { svc } = release;
  const { judge, stable, alone = stable === null } = comparison;
  const { sampleIntervalMs: stepMs } = judge;
  // Alone, guardrails decide, and no series is looked at.
  const compared = stable ? judge.metrics : [];
  const measured = { svc, env, digest, track, alone };
  const names = metrics.namesOf(measured);
  const windowMs = rangeMsOf(stepMs, scrapeIntervalMs);
  const values = { service: svc, version: digest, env, windowMs, names };
  const exprs = compared.map(({ name, query }) => ({ name, expr: resolveQuery(query, values) }));
  const [sample, ...series] = await Promise.all([
    metrics.sampleWindow({ ...measured, from, to }),
    ...exprs.map(async ({ name, expr }): Promise<[string, Series]> => [
      name,
      await metrics.sampleSeries({ query: expr, from, to, stepMs }),
    ]),
  ]);
  const { requests, errors, p95Ms, freshnessMs, countedFrom } = sample;
  return {
    samples: {
      measurement: { requests, errors, p95Ms, freshnessMs },
      series: Object.fromEntries(series),
    },
    countedFrom,
    queries: [
      ...sample.queries.map(({ name, expr }) => ({ metric: name, track, expr })),
      ...exprs.map(({ name, expr }) => ({ metric: name, track, expr })),
    ],
  };
}
