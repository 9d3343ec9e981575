import { MAX_PACE_MS, MAX_REQUESTS, MAX_ROUNDS, type ScenarioLoad } from './scenario-limits';

export interface TrafficNeed {
  /** Requests that the candidate must have answered by the end of the window, and stable to be compared with. */
  readonly minRequests: number;
  /** Those that the one of them with less traffic has answered, or will without us. */
  readonly seenRequests: number;
  /** Share of the requests at the router that this one takes. */
  readonly leastPercent: number;
  readonly requestsPerRound: number;
  /** What is left of the window. */
  readonly windowMs: number;
  /** At the end of the window, for the last answers to be scraped. */
  readonly settleMs: number;
}

export type TrafficPlan =
  | { readonly kind: 'enough' }
  | { readonly kind: 'drive'; readonly load: ScenarioLoad; readonly requests: number }
  /** One sentence. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** More than this is a load test, which nobody asked for. */
export const MAX_REQUESTS_PER_SECOND = 100;

/** Our own router deals exactly so many of each 100 to the candidate, in an order of its own. */
const SPLIT_BLOCK = 100;
/** Standard deviations: a router that throws dice stays below once in 700 windows. */
const CERTAINTY = 3;

/**
 * The rounds of scenarios that bring candidate and stable to `minRequests`. They have to go through the router
 * (`RolloutState.url`): the judge's numbers are the router's, and what is sent to a track directly (`trackUrl`) is in
 * none of them. So the candidate gets its percent only, and stable the rest.
 */
export function planTraffic(need: TrafficNeed): TrafficPlan {
  const missing = need.minRequests - need.seenRequests;
  if (missing <= 0) {
    return { kind: 'enough' };
  }
  const usableMs = need.windowMs - need.settleMs;
  if (need.requestsPerRound < 1 || !(need.leastPercent > 0) || usableMs <= 0) {
    return { kind: 'impossible', reason: nothingToDriveWith(need) };
  }
  const requests = requestsAtRouter(missing, need.leastPercent);
  const rounds = Math.ceil(requests / need.requestsPerRound);
  const paceMs = Math.min(MAX_PACE_MS, Math.floor(usableMs / rounds));
  const sent = rounds * need.requestsPerRound;
  const perSecond = (sent / usableMs) * 1000;
  if (perSecond > MAX_REQUESTS_PER_SECOND || rounds > MAX_ROUNDS || sent > MAX_REQUESTS) {
    const reason = `${sent} requests in ${usableMs} ms would be needed for ${missing} at ${need.leastPercent} %: scenarios send at most ${MAX_REQUESTS_PER_SECOND} a second, ${MAX_REQUESTS} and ${MAX_ROUNDS} rounds in all`;
    return { kind: 'impossible', reason };
  }
  return { kind: 'drive', load: { rounds, paceMs }, requests: sent };
}

function nothingToDriveWith({ requestsPerRound, leastPercent, windowMs }: TrafficNeed): string {
  if (requestsPerRound < 1) {
    return 'the service has no scenarios to make traffic with';
  }
  return leastPercent > 0
    ? `${windowMs} ms are too short a window to make traffic in`
    : 'one of the versions takes no traffic';
}

/**
 * So many that a version gets `wanted` of them: for certain where each block of 100 is dealt out exactly and
 * nobody else sends, and by `CERTAINTY` deviations where each request is a throw of dice.
 */
export function requestsAtRouter(wanted: number, percent: number): number {
  const share = Math.min(1, percent / 100);
  if (share === 1) {
    return wanted;
  }
  const deviation = CERTAINTY * Math.sqrt(share * (1 - share));
  const root = (deviation + Math.sqrt(deviation * deviation + 4 * share * wanted)) / (2 * share);
  const byBlocks = SPLIT_BLOCK * Math.ceil(wanted / percent) + SPLIT_BLOCK - 1;
  return Math.max(Math.ceil(root * root), byBlocks);
}
