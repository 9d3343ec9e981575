import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface GatewayMetrics {
  readonly registry: Registry;
  readonly requests: Counter<'route' | 'method' | 'status'>;
  readonly requestSeconds: Histogram<'route' | 'method'>;
  /** `in` from clients, `out` to them; headers included. */
  readonly bytes: Counter<'direction'>;
  readonly blockedPulls: Counter<'reason'>;
  readonly refusedPushes: Counter<'rule'>;
  readonly claims: Counter<'outcome'>;
  readonly stateAge: Gauge;
  readonly stalePulls: Counter;
  readonly openUploads: Gauge;
  readonly storedBlobs: Counter<'outcome'>;
}

type BlobMetrics = Pick<GatewayMetrics, 'openUploads' | 'storedBlobs'>;

function createBlobMetrics(registers: Registry[]): BlobMetrics {
  return {
    openUploads: new Gauge({
      name: 'plura_gateway_open_uploads',
      help: 'Blob uploads that are sending or committing now',
      registers,
    }),
    storedBlobs: new Counter({
      name: 'plura_gateway_stored_blobs_total',
      help: "Blobs looked for in the registry's folder: served, broken, or left to the registry (absent, denied, differs, failed, unread)",
      labelNames: ['outcome'],
      registers,
    }),
  };
}

/** One registry a gateway, so that two in a process (tests) do not share numbers. */
export function createGatewayMetrics(): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Counter({
      name: 'plura_gateway_requests_total',
      help: 'Requests answered, by kind of route',
      labelNames: ['route', 'method', 'status'],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'plura_gateway_request_seconds',
      help: 'From the headers of a request to the last byte of its answer',
      labelNames: ['route', 'method'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 120, 600],
      registers,
    }),
    bytes: new Counter({
      name: 'plura_gateway_bytes_total',
      help: 'Bytes taken from clients (in) and sent to them (out)',
      labelNames: ['direction'],
      registers,
    }),
    blockedPulls: new Counter({
      name: 'plura_gateway_blocked_pulls_total',
      help: 'Pulls of a quarantined digest that were refused',
      labelNames: ['reason'],
      registers,
    }),
    refusedPushes: new Counter({
      name: 'plura_gateway_refused_pushes_total',
      help: 'Pushes refused, by rule (docs/gateway.md)',
      labelNames: ['rule'],
      registers,
    }),
    claims: new Counter({
      name: 'plura_gateway_claims_total',
      help: 'Claims of write-once tags: claimed, same, taken, replaced',
      labelNames: ['outcome'],
      registers,
    }),
    stateAge: new Gauge({
      name: 'plura_gateway_state_age_seconds',
      help: 'Since Postgres last said which robots, quarantines and mode there are',
      registers,
    }),
    stalePulls: new Counter({
      name: 'plura_gateway_stale_pulls_total',
      help: 'Pulls served from what was known while Postgres did not answer',
      registers,
    }),
    ...createBlobMetrics(registers),
  };
}
