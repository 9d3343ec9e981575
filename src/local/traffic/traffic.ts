import type { Logger } from 'pino';
import type { Service } from '../../domain/service';
import { startStream, type Stream } from './stream';
import { readPlacements, type TrafficPlacement } from './target-state';

export interface TrafficOptions {
  readonly targetUrl: string;
  readonly token: string;
  /** For each service in each environment. */
  readonly requestsPerSecond: number;
  /** Asked at a time; what has a candidate comes first. */
  readonly maxRouters: number;
  readonly services: readonly Service[];
  readonly log: Logger;
}

export interface Traffic {
  close(): void;
}

const POLL_MS = 1_000;

/** Stands in for users: requests to every service the target runs in stg and prod, until closed. */
export function startTraffic(options: TrafficOptions): Traffic {
  const streams = new Map<string, Stream>();
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let reachable = true;

  async function poll(): Promise<void> {
    try {
      const placements = await readPlacements(options.targetUrl, options.token);
      adjust(candidatesFirst(placements.filter(wantsTraffic)).slice(0, options.maxRouters));
      reachable = true;
    } catch (error) {
      if (reachable) {
        options.log.warn({ err: error }, 'the rollout target does not answer, trying on');
      }
      reachable = false;
    }
  }

  function adjust(placements: readonly TrafficPlacement[]): void {
    if (closed) {
      return;
    }
    const wanted = new Set(placements.map(({ url }) => url));
    for (const [url, stream] of streams) {
      if (!wanted.has(url)) {
        stream.stop();
        streams.delete(url);
      }
    }
    for (const { svc, env, url } of placements.filter((one) => !streams.has(one.url))) {
      const paths = pathsOf(svc, options.services);
      options.log.info({ svc, env, url, paths }, 'traffic starts');
      const { requestsPerSecond } = options;
      streams.set(url, startStream({ url, paths, requestsPerSecond }));
    }
  }

  function loop(): void {
    void poll().finally(() => {
      if (!closed) {
        timer = setTimeout(loop, POLL_MS);
      }
    });
  }

  loop();
  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
      streams.forEach((stream) => {
        stream.stop();
      });
    },
  };
}

function wantsTraffic({ env, stable, candidate }: TrafficPlacement): boolean {
  return env !== 'dev' && (stable !== null || candidate !== null);
}

/** A fleet has more routers than are asked, and what is being judged proves nothing without traffic. */
function candidatesFirst(placements: readonly TrafficPlacement[]): readonly TrafficPlacement[] {
  const isJudged = ({ candidate }: TrafficPlacement): boolean => candidate !== null;
  return [...placements.filter(isJudged), ...placements.filter((one) => !isJudged(one))];
}

/** What the scenarios read without a variable; writes are left to the scenarios themselves. */
function pathsOf(svc: string, services: readonly Service[]): readonly string[] {
  const scenarios = services.find((service) => service.svc === svc)?.scenarios ?? [];
  const steps = scenarios.flatMap((scenario) => scenario.steps);
  const paths = steps
    .filter(
      ({ method, path }) => method === 'GET' && /^\/(?!\/)/.test(path) && !path.includes('{{'),
    )
    .map(({ path }) => path);
  return paths.length > 0 ? [...new Set(paths)] : ['/'];
}
