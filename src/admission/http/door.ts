import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Server } from 'node:https';
import type { Logger } from 'pino';
import { failureReason, hasErrorCode } from '../../contract/error-reason';
import type { AdmissionMetrics } from '../metrics';
import type { LoadGate } from './load-gate';

interface Door {
  readonly bodyLimit: number;
  readonly gate: LoadGate;
  readonly metrics: Pick<AdmissionMetrics, 'reviews' | 'inProgress'>;
  readonly log: Pick<Logger, 'error'>;
}

const RETRY_AFTER_S = '1';

function webhookOf({ url }: FastifyRequest): 'validate' | 'mutate' | 'other' {
  const [path] = url.split('?', 1);
  if (path === '/validate') return 'validate';
  return path === '/mutate' ? 'mutate' : 'other';
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'statusCode') : undefined;
}

/** What it may come to hold; a body of unknown length may be as long as any. */
function bodyBytesOf({ headers }: FastifyRequest, bodyLimit: number): number {
  return Math.min(Number(headers['content-length'] ?? bodyLimit), bodyLimit);
}

/** What is no review gets a status and a line of text: the API server shows both. */
function refusalOf(error: unknown, bodyLimit: number): readonly [status: number, text: string] {
  if (hasErrorCode(error, 'FST_ERR_CTP_BODY_TOO_LARGE')) {
    return [413, `The review is larger than ${bodyLimit} bytes`];
  }
  if (hasErrorCode(error, 'FST_ERR_CTP_INVALID_MEDIA_TYPE')) {
    return [415, 'Send the review as application/json'];
  }
  return [400, `This is no AdmissionReview: ${failureReason(error)}`];
}

/** Turns away what is too much at a time before its body is read, and what is no review. */
export function addDoor(
  app: FastifyInstance<Server>,
  { bodyLimit, gate, metrics, log }: Door,
): void {
  const countRefused = (request: FastifyRequest): void => {
    metrics.reviews.inc({ webhook: webhookOf(request), verdict: 'refused' });
  };

  app.addHook('onRequest', async (request, reply) => {
    const leave = gate.enter(bodyBytesOf(request, bodyLimit));
    metrics.inProgress.set(gate.inProgress());
    if (!leave) {
      countRefused(request);
      const text = 'Too many reviews at a time; try again';
      return reply.code(503).header('retry-after', RETRY_AFTER_S).type('text/plain').send(text);
    }
    const end = (): void => {
      leave();
      metrics.inProgress.set(gate.inProgress());
    };
    // A client that goes away ends its review, too.
    reply.raw.once('close', end).once('finish', end);
    return undefined;
  });

  app.setErrorHandler(async (error, request, reply) => {
    countRefused(request);
    const code = statusOf(error);
    const isTheirs = typeof code === 'number' && code >= 400 && code < 500;
    if (!isTheirs) {
      log.error({ err: error }, 'a request failed');
      return reply.code(500).type('text/plain').send('The webhook failed; see its log');
    }
    const [status, text] = refusalOf(error, bodyLimit);
    return reply.code(status).type('text/plain').send(text);
  });
}
