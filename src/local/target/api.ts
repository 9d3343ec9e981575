import { createHash, timingSafeEqual } from 'node:crypto';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { z } from 'zod';
import { ERRORS, ReleaseError } from '../../contract/errors';
import type { Rollouts } from './rollouts';
import {
  PercentBody,
  PlacementParams,
  StableBody,
  StartBody,
  TrackParams,
  WithdrawBody,
} from './schema';

export interface TargetApiDependencies {
  readonly rollouts: Rollouts;
  readonly metrics: MetricsRegistry;
  readonly token: string;
  readonly log: Logger;
}

const BODY_LIMIT = 16 * 1024;

/** `/healthz` and `/metrics` are open on loopback; everything under `/v1` needs the bearer token. */
export function createTargetApi({
  rollouts,
  metrics,
  token,
  log,
}: TargetApiDependencies): FastifyInstance {
  // Fastify logs every request at info; of a scrape each second that is noise.
  const logger: FastifyBaseLogger = log.child({}, { level: 'warn' });
  const app = Fastify({
    loggerInstance: logger,
    bodyLimit: BODY_LIMIT,
  });
  answerErrors(app);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/metrics', async (_request, reply) => {
    void reply.type(metrics.contentType);
    return metrics.metrics();
  });
  void app.register((v1, _options, done) => {
    v1.addHook('onRequest', (request, _reply, next) => {
      next(hasToken(request, token) ? undefined : unauthenticated());
    });
    addRollouts(v1, rollouts);
    done();
  });
  return app;
}

function addRollouts(app: FastifyInstance, rollouts: Rollouts): void {
  const path = '/v1/rollouts/:svc/:env';
  app.get('/v1/state', () => ({ placements: rollouts.list() }));
  app.get(path, ({ params }) => {
    const { svc, env } = parse(PlacementParams, params);
    return rollouts.getState(svc, env);
  });
  app.get(`${path}/tracks/:track`, async ({ params }) => {
    const { svc, env, track } = parse(TrackParams, params);
    return { url: await rollouts.trackUrl(svc, env, track) };
  });
  app.put(`${path}/candidate`, ({ params, body }, reply) => {
    const { epoch, image, healthPath, readyTimeoutMs } = parse(StartBody, body);
    const write = { ...parse(PlacementParams, params), epoch, signal: whileAwaited(reply) };
    return rollouts.startCandidate(write, image, healthPath, readyTimeoutMs);
  });
  app.put(`${path}/candidate/preparation`, ({ params, body }, reply) => {
    const { epoch, image, healthPath, readyTimeoutMs } = parse(StartBody, body);
    const write = { ...parse(PlacementParams, params), epoch, signal: whileAwaited(reply) };
    return rollouts.prepareCandidate(write, image, healthPath, readyTimeoutMs);
  });
  app.put(`${path}/candidate/percent`, ({ params, body }) => {
    const { epoch, candidate, percent } = parse(PercentBody, body);
    const write = { ...parse(PlacementParams, params), epoch };
    return rollouts.setCandidatePercent(write, candidate, percent);
  });
  app.put(`${path}/stable`, ({ params, body }, reply) => {
    const { epoch, former, image, healthPath, readyTimeoutMs } = parse(StableBody, body);
    const at = parse(PlacementParams, params);
    const write = { ...at, epoch, former, signal: whileAwaited(reply) };
    return rollouts.makeStable(write, image, healthPath, readyTimeoutMs);
  });
  app.post(`${path}/candidate/withdrawal`, ({ params, body }) => {
    const { epoch } = parse(WithdrawBody, body);
    return rollouts.withdrawCandidate({ ...parse(PlacementParams, params), epoch });
  });
  app.post(`${path}/stable/withdrawal`, ({ params, body }) => {
    const { epoch } = parse(WithdrawBody, body);
    return rollouts.clearStable({ ...parse(PlacementParams, params), epoch });
  });
}

/** Aborted when the caller leaves before the answer: it takes back what it ordered, and must not be overtaken by it. */
function whileAwaited({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController();
  raw.once('close', () => {
    if (raw.writableFinished) return;
    left.abort(new ReleaseError('ROLLOUT_UNAVAILABLE', 'the caller left before it was ready'));
  });
  return left.signal;
}

function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ReleaseError) {
      const { code, message, details } = error;
      return reply.status(ERRORS[code].status).send({ code, message, details });
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status < 500) {
      const message = error instanceof Error ? error.message : 'bad request';
      return reply.status(status).send({ code: 'INVALID_INPUT', message, details: {} });
    }
    request.log.error({ err: error }, 'request failed');
    const message = 'the rollout target met an error of its own; see its log';
    return reply.status(503).send({ code: 'ROLLOUT_UNAVAILABLE', message, details: {} });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send({ code: 'INVALID_INPUT', message: 'no such route', details: {} }),
  );
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new ReleaseError('INVALID_INPUT', `${field || 'body'}: ${issue?.message ?? 'invalid'}`, {
    details: { field },
  });
}

/** Hashes compared, so that neither content nor length shows in the time it takes. */
function hasToken({ headers }: FastifyRequest, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(headers.authorization ?? ''), hash(`Bearer ${token}`));
}

function unauthenticated(): ReleaseError {
  return new ReleaseError('UNAUTHENTICATED', 'the rollout target needs its bearer token', {
    details: { remedy: "Use the token in the target's token file." },
  });
}
