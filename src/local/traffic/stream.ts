import { Agent, get } from 'node:http';

export interface StreamOptions {
  /** Of the router, on 127.0.0.1. */
  readonly url: string;
  /** Asked for in turn. */
  readonly paths: readonly string[];
  readonly requestsPerSecond: number;
}

export interface Stream {
  readonly url: string;
  stop(): void;
}

const TICK_MS = 20;
const MAX_UNDERWAY = 64;
const TIMEOUT_MS = 5_000;
const LONGEST_BACKOFF_MS = 5_000;

/** A steady stream of requests to one router. When nothing listens there it slows down until something does. */
export function startStream({ url, paths, requestsPerSecond }: StreamOptions): Stream {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_UNDERWAY });
  let underway = 0;
  let sent = 0;
  let owed = 0;
  let pauseMs = 0;
  let resumeAt = 0;
  let before = performance.now();

  function send(): void {
    underway += 1;
    const path = paths[sent % paths.length] ?? '/';
    sent += 1;
    const request = get(new URL(path, url), { agent, timeout: TIMEOUT_MS }, (answer) => {
      answer.resume();
      pauseMs = 0;
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => {
      pauseMs = Math.min(LONGEST_BACKOFF_MS, Math.max(100, pauseMs * 2));
      resumeAt = performance.now() + pauseMs;
    });
    request.once('close', () => {
      underway -= 1;
    });
  }

  const timer = setInterval(() => {
    const now = performance.now();
    // What a pause or a slow answer held back is not caught up: that would be a burst.
    owed = Math.min(owed + ((now - before) * requestsPerSecond) / 1000, requestsPerSecond / 5 + 1);
    before = now;
    while (owed >= 1 && underway < MAX_UNDERWAY && now >= resumeAt) {
      owed -= 1;
      send();
    }
  }, TICK_MS);

  return {
    url,
    stop: () => {
      clearInterval(timer);
      agent.destroy();
    },
  };
}
