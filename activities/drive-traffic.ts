import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../src/domain/digest';
import type { Environment } from '../src/domain/reference';
import { requestsPerRound } from '../src/domain/scenario-limits';
import { planTraffic, type TrafficPlan } from '../src/domain/scenario-traffic';
import type { Service } from '../src/domain/service';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';
import { orNothingSeen } from './no-samples';

export interface DriveTrafficInput {
  readonly service: Pick<Service, 'svc' | 'scenarios'>;
  readonly env: Environment;
  readonly digest: Digest;
  /** Share of the traffic that the digest takes. */
  readonly percent: number;
  readonly minRequests: number;
  /** RFC 3339: when the window began. */
  readonly startedAt: string;
  /** Its own length. */
  readonly windowMs: number;
  /** How often it was extended so far: traffic is for the last extension. */
  readonly extensions?: number;
}

export interface DrivenTraffic {
  /** Requests that were sent; 0 where the service has enough of its own. */
  readonly requests: number;
  /** Why the window can't get what it needs; empty when it can. */
  readonly reason: string;
}

export interface DriveTrafficActivities {
  /**
   * Looks when a third of the window, or of its extension, has passed; a service without traffic of its own gets the least that the window needs, by
   * its scenarios, through the router. Ends with the window; cancelled when it ends earlier.
   */
  driveTraffic(input: DriveTrafficInput): Promise<DrivenTraffic>;
}

type TrafficDeps = Pick<Deps, 'metrics' | 'scenarios' | 'rollout' | 'now'>;

/** Scrapes come each few seconds; what is sent later is in no sample. */
const SETTLE_MS = 10_000;

export function createDriveTrafficActivities(deps: TrafficDeps): DriveTrafficActivities {
  return {
    driveTraffic: (input) => heartbeating((signal, note) => drive(deps, input, signal, note)),
  };
}

async function drive(
  deps: TrafficDeps,
  input: DriveTrafficInput,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<DrivenTraffic> {
  const { service, env, windowMs } = input;
  const { startMs } = spanOf(input);
  await sleep(Math.max(0, startMs + windowMs / 3 - deps.now().getTime()), undefined, { signal });
  const { url: baseUrl, stable } = await deps.rollout.getState(service.svc, env);
  const alone = stable === null || stable === input.digest;
  const plan = planTraffic(await needOf(deps, input, { alone, nowMs: deps.now().getTime() }));
  if (plan.kind !== 'drive') return { requests: 0, reason: whyNone(plan) };
  const results = await deps.scenarios.run({
    baseUrl,
    scenarios: service.scenarios,
    load: plan.load,
    onRound: (done) => {
      note(`${done} of ${plan.load.rounds} rounds`);
    },
    signal,
  });
  const requests = results.reduce((sum, { rounds }) => sum + (rounds?.requests ?? 0), 0);
  return { requests, reason: '' };
}

/** The window, or its last extension: ms since the epoch. */
function spanOf({ startedAt, windowMs, extensions = 0 }: DriveTrafficInput): {
  readonly startMs: number;
  readonly endMs: number;
} {
  const startMs = Date.parse(startedAt) + extensions * windowMs;
  return { startMs, endMs: startMs + windowMs };
}

async function needOf(
  { metrics }: TrafficDeps,
  input: DriveTrafficInput,
  { alone, nowMs }: { readonly alone: boolean; readonly nowMs: number },
): Promise<Parameters<typeof planTraffic>[0]> {
  const { service, env, digest, percent, minRequests, startedAt, windowMs } = input;
  const { startMs, endMs } = spanOf(input);
  const to = new Date(nowMs).toISOString();
  const seenSince = async (from: string): Promise<number> => {
    const query = { svc: service.svc, env, digest, alone, from, to };
    return (await orNothingSeen(metrics.sampleWindow(query)))?.requests ?? 0;
  };
  // What was driven before an extension is no traffic to count on in it.
  const own = await seenSince(new Date(startMs).toISOString());
  const all = input.extensions ? await seenSince(startedAt) : own;
  const leftMs = Math.max(0, endMs - nowMs);
  // As many again in each third to come.
  const expected = all + (own * leftMs) / Math.max(1, nowMs - startMs);
  // Stable is compared by as many requests; beyond half of the traffic it has fewer.
  const leastPercent = alone || percent >= 100 ? percent : Math.min(percent, 100 - percent);
  return {
    minRequests,
    seenRequests: percent > 0 ? Math.floor((expected * leastPercent) / percent) : 0,
    leastPercent,
    requestsPerRound: requestsPerRound(service.scenarios),
    windowMs: leftMs,
    settleMs: Math.min(SETTLE_MS, windowMs / 10),
  };
}

function whyNone(plan: Exclude<TrafficPlan, { kind: 'drive' }>): string {
  return plan.kind === 'enough' ? '' : plan.reason;
}
