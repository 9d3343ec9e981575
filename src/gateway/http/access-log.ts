import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { GatewayMetrics } from '../metrics';
import type { Refused } from './refused';
import type { Route } from './route';

/** What became of a request, filled in as it is found out. */
export interface AccessEntry {
  route: Route | null;
  actor: string;
  refused: Refused | null;
}

/** When the client went away before an answer (as nginx has it). */
const CLIENT_CLOSED = 499;
const KNOWN_METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'];
/** Asked every few seconds by probes and Prometheus. */
const QUIET: readonly (Route['kind'] | undefined)[] = ['health', 'metrics'];

function referenceOf(route: Route | null): string | undefined {
  if (route?.kind === 'manifest') {
    return route.reference.kind === 'tag' ? route.reference.tag : route.reference.digest;
  }
  return route && 'digest' in route ? route.digest : undefined;
}

/**
 * One line and one measurement a request, when its last byte has gone. Neither the query nor a header is written down: both can
 * hold what must stay secret.
 */
export function followRequest(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  requestId: string,
  { metrics, log }: { readonly metrics: GatewayMetrics; readonly log: Logger },
): AccessEntry {
  const entry: AccessEntry = { route: null, actor: '', refused: null };
  const { socket } = request;
  const startedAt = performance.now();
  const { bytesRead, bytesWritten } = socket;
  response.once('close', () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const status = response.headersSent ? response.statusCode : CLIENT_CLOSED;
    const { method = '' } = request;
    const labels = {
      route: entry.route?.kind ?? 'none',
      method: KNOWN_METHODS.includes(method) ? method : 'other',
    };
    metrics.requests.inc({ ...labels, status });
    metrics.requestSeconds.observe(labels, seconds);
    metrics.bytes.inc({ direction: 'in' }, Math.max(socket.bytesRead - bytesRead, 0));
    metrics.bytes.inc({ direction: 'out' }, Math.max(socket.bytesWritten - bytesWritten, 0));
    if (QUIET.includes(entry.route?.kind)) return;
    log.info({
      requestId,
      method: labels.method,
      route: labels.route,
      repository: entry.route && 'repository' in entry.route ? entry.route.repository : undefined,
      reference: referenceOf(entry.route),
      actor: entry.actor,
      remote: socket.remoteAddress,
      status,
      whole: response.writableFinished,
      ms: Math.round(seconds * 1e6) / 1e3,
      rule: entry.refused?.refusal.rule,
      reason: entry.refused?.cause,
    });
  });
  return entry;
}
