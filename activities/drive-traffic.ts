import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../src/domain/digest';
import type { Environment } from '../src/domain/reference';
import { requestsPerRound } from '../src/domain/scenario-limits';
import { planTraffic, type TrafficPlan } from '../src/domain/scenario-traffic';
import type { Service } from '../src/domain/service';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';

export interface DriveTrafficInput {
  readonly service: Pick<Service, 'svc' | 'scenarios'>;
  readonly env: Environment;
  readonly digest: Digest;
  /** Share of the traffic that the digest takes. */
  readonly percent: number;
  readonly minRequests: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly windowMs: number;
}

export interface DrivenTraffic {
  /** Requests that were sent; 0 where the service has enough of its own. */
  readonly requests: number;
  /** Why the window can't get what it needs; empty when it can. */
  readonly reason: string;
}

export interface DriveTrafficActivities {
  /**
   * Looks when a third of the window has passed; a service without traffic of its own gets the least that the window needs, by
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
  const startedMs = Date.parse(input.startedAt);
  const lookAtMs = startedMs + windowMs / 3;
  await sleep(Math.max(0, lookAtMs - deps.now().getTime()), undefined, { signal });
  const plan = planTraffic(await needOf(deps, input, deps.now().getTime()));
  if (plan.kind !== 'drive') return { requests: 0, reason: whyNone(plan) };
  const { url: baseUrl } = await deps.rollout.getState(service.svc, env);
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

async function needOf(
  { metrics }: TrafficDeps,
  { service, env, digest, percent, minRequests, startedAt, windowMs }: DriveTrafficInput,
  nowMs: number,
): Promise<Parameters<typeof planTraffic>[0]> {
  const to = new Date(nowMs).toISOString();
  const query = { svc: service.svc, env, digest, from: startedAt, to };
  const { requests } = await metrics.sampleWindow(query);
  const passedMs = Math.max(1, nowMs - Date.parse(startedAt));
  return {
    minRequests,
    // As many again in each third to come.
    seenRequests: Math.floor(requests * Math.max(1, windowMs / passedMs)),
    candidatePercent: percent,
    requestsPerRound: requestsPerRound(service.scenarios),
    windowMs: Math.max(0, windowMs - passedMs),
    settleMs: Math.min(SETTLE_MS, windowMs / 10),
  };
}

function whyNone(plan: Exclude<TrafficPlan, { kind: 'drive' }>): string {
  return plan.kind === 'enough' ? '' : plan.reason;
}
