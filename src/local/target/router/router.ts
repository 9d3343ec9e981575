import {
  Agent,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../../../domain/digest';
import type { Environment, ServiceName } from '../../../domain/reference';
import { takesCandidate } from '../../../domain/traffic-split';
import { forward } from './proxy';
import type { RouterMetrics } from './router-metrics';

export interface Backend {
  readonly digest: Digest;
  /** Null while its container is down: answered with 502, on its account. */
  readonly port: () => number | null;
}

export interface Routes {
  readonly stable: Backend | null;
  readonly candidate: Backend | null;
  readonly candidatePercent: number;
}

export interface RouterOptions {
  readonly svc: ServiceName;
  readonly env: Environment;
  readonly metrics: RouterMetrics;
  /** Makes the split of two routers differ. */
  readonly seed: number;
}

type TrackName = 'stable' | 'candidate' | 'none';

const ANSWER_TIMEOUT_MS = 30_000;
const DRAIN_POLL_MS = 10;
const NO_DIGEST = '';

/** One listening port of one service in one environment; splits each request by weight. */
export class Router {
  private routes: Routes = { stable: null, candidate: null, candidatePercent: 0 };
  private sequence = 0;
  private readonly underway = new Map<string, number>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 32 });
  private readonly server: Server;
  private readonly options: RouterOptions;

  constructor(options: RouterOptions) {
    this.options = options;
    this.server = createServer((incoming, outgoing) => {
      void this.handle(incoming, outgoing);
    });
  }

  /** Listens on 127.0.0.1; 0 takes any free port. Rejects when the port is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** From the next request on. */
  setRoutes(routes: Routes): void {
    this.routes = routes;
    for (const track of ['stable', 'candidate'] as const) {
      const backend = routes[track];
      if (backend) {
        this.options.metrics.begin(this.labels(track, backend.digest));
      }
    }
  }

  /** Waits until no request to `digest` is under way, at most `timeoutMs`. */
  async drain(digest: Digest, timeoutMs: number): Promise<void> {
    for (let waited = 0; this.underway.has(digest) && waited < timeoutMs; waited += DRAIN_POLL_MS) {
      await sleep(DRAIN_POLL_MS);
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
      this.server.closeAllConnections();
      this.agent.destroy();
    });
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const started = performance.now();
    const [track, backend] = this.choose();
    const digest = backend?.digest ?? NO_DIGEST;
    this.count(digest, 1);
    const code = await this.answer(incoming, outgoing, track, backend);
    this.count(digest, -1);
    const seconds = (performance.now() - started) / 1000;
    this.options.metrics.observe(this.labels(track, digest), code, seconds);
  }

  private choose(): [TrackName, Backend | null] {
    const { stable, candidate, candidatePercent } = this.routes;
    if (!stable || !candidate) {
      const only = stable ?? candidate;
      return [only === null ? 'none' : only === stable ? 'stable' : 'candidate', only];
    }
    const taken = takesCandidate(this.sequence, candidatePercent, this.options.seed);
    this.sequence = (this.sequence + 1) % Number.MAX_SAFE_INTEGER;
    return taken ? ['candidate', candidate] : ['stable', stable];
  }

  private async answer(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    track: TrackName,
    backend: Backend | null,
  ): Promise<number> {
    const port = backend?.port() ?? null;
    const extraHeaders = { 'x-plura-track': track };
    if (port === null) {
      const code = backend ? 502 : 503;
      incoming.resume();
      outgoing.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', ...extraHeaders });
      outgoing.end(backend ? 'the container is down\n' : 'no version of this service runs here\n');
      return code;
    }
    const { agent } = this;
    const forwarded = await forward({
      incoming,
      outgoing,
      port,
      agent,
      timeoutMs: ANSWER_TIMEOUT_MS,
      extraHeaders,
    });
    return forwarded.code;
  }

  private count(digest: string, change: number): void {
    const now = (this.underway.get(digest) ?? 0) + change;
    if (now > 0) {
      this.underway.set(digest, now);
    } else {
      this.underway.delete(digest);
    }
  }

  private labels(
    track: TrackName,
    digest: string,
  ): Record<'svc' | 'env' | 'track' | 'digest', string> {
    return { svc: this.options.svc, env: this.options.env, track, digest };
  }
}
