import { Context } from '@temporalio/activity';
import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import { judgeWindow } from '../src/domain/judge';
import type { Guardrails } from '../src/domain/policy';
import type { Environment } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { Gate, Verdict } from '../src/domain/verdict';
import type { Track } from '../src/ports/rollout';
import type { ScenarioResult } from '../src/ports/scenarios';
import { compareWindow, type ComparisonInput } from './compare-window';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface MeasureWindowInput {
  readonly release: ReleaseRef;
  readonly gate: Extract<Gate, 'canary' | 'observation'>;
  readonly subject: string;
  readonly env: Environment;
  readonly digest: Digest;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  readonly windowMs: number;
  readonly guardrails: Guardrails;
  /** Judged beside what is stable too; without it guardrails alone decide, as before there were plans. */
  readonly comparison?: ComparisonInput;
}

export interface RunScenariosInput {
  readonly release: ReleaseRef;
  readonly subject: string;
  readonly env: Environment;
  readonly track: Track;
  readonly service: Pick<Service, 'svc' | 'scenarios'>;
}

export interface WindowActivities {
  /** Measures and judges once; the workflow decides what follows. Throws METRICS_UNAVAILABLE: not measured is never a pass. */
  measureWindow(input: MeasureWindowInput): Promise<Verdict>;
  runScenarios(input: RunScenariosInput): Promise<Verdict>;
}

export function createWindowActivities(
  deps: Pick<Deps, 'metrics' | 'scrapeIntervalMs' | 'scenarios' | 'rollout' | 'ledger' | 'now'>,
): WindowActivities {
  return {
    measureWindow: async (input) => {
      const to = endOfMeasurement(input.to, deps.now());
      return recordVerdict(deps, input.release, await judgeMeasured(deps, { ...input, to }));
    },
    async runScenarios({ release, subject, env, track, service }): Promise<Verdict> {
      const baseUrl = await deps.rollout.trackUrl(service.svc, env, track);
      if (!baseUrl) {
        throw new ReleaseError('ROLLOUT_FAILED', `No ${track} of ${service.svc} runs in ${env}`);
      }
      const { scenarios } = service;
      const results = await heartbeating((signal) =>
        deps.scenarios.run({ baseUrl, scenarios, signal }),
      );
      return recordVerdict(deps, release, judgeScenarios(subject, results));
    },
  };
}

type MeasureDeps = Pick<Deps, 'metrics' | 'scrapeIntervalMs'>;

/** Measures and judges the range as it is given, and records nothing. Throws METRICS_UNAVAILABLE. */
export async function judgeMeasured(
  { metrics, scrapeIntervalMs }: MeasureDeps,
  input: MeasureWindowInput,
): Promise<Verdict> {
  const { release, gate, subject, env, digest, from, to, windowMs, guardrails } = input;
  if (input.comparison) {
    const comparing = { ...input, comparison: input.comparison };
    return compareWindow({ metrics, scrapeIntervalMs }, comparing);
  }
  const sample = await metrics.sampleWindow({ svc: release.svc, env, digest, from, to });
  const judgement = judgeWindow({ sample, guardrails, windowMs });
  return {
    gate,
    subject,
    outcome: judgement.outcome,
    reasons: judgement.reasons,
    evidence: {
      ...judgement.evidence,
      from,
      to,
      ...(sample.countedFrom !== undefined && { countedFrom: sample.countedFrom }),
      queries: sample.queries,
    },
  };
}

/**
 * A retry looks at the window up to now: what an outage left unmeasured at the asked moment stays so for
 * ever, and only what came after it can be judged.
 */
function endOfMeasurement(asked: string, now: Date): string {
  const retried = Context.current().info.attempt > 1 && now.getTime() > Date.parse(asked);
  return retried ? now.toISOString() : asked;
}

function judgeScenarios(subject: string, results: readonly ScenarioResult[]): Verdict {
  const failed = results.filter((result) => !result.ok);
  return {
    gate: 'scenario',
    subject,
    outcome: failed.length > 0 ? 'fail' : 'pass',
    reasons: failed.map((result) => `${result.name}: ${result.reason}`),
    evidence: results.map((result) => ({
      name: result.name,
      ok: result.ok,
      steps: result.steps.map(({ name, status, durationMs, exchange }) => ({
        name,
        status,
        durationMs,
        ...(exchange && { exchange }),
      })),
    })),
  };
}
