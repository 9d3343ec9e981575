import fastify, { type FastifyInstance, type onResponseHookHandler } from 'fastify';
import type { Server, ServerOptions } from 'node:https';
import { AdmissionReview } from '../../contract/schema/admission-review';
import { shapeProblems } from '../../contract/schema/oci-manifest';
import { answerWith } from '../answer';
import type { AdmissionDependencies } from '../dependencies';
import { createMutator } from '../review/mutate';
import type { Reviewer } from '../review/reviewer';
import { createValidator } from '../review/validate';
import { deadlineOf } from '../time-limit';
import { answerInTime } from './answer-in-time';
import type { LoadGate } from './load-gate';
import { addDoor } from './door';
import { addReviewParser } from './review-parser';

export type ReviewServer = FastifyInstance<Server>;

interface ReviewServerParts {
  readonly deps: AdmissionDependencies;
  readonly gate: LoadGate;
  /** Certificate and key; `ca` and `requestCert` where only the API server may ask. */
  readonly tls: ServerOptions;
}

/** Twice what etcd takes of one object by default, and more: an update carries two. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
/** For headers and body. */
const REQUEST_TIMEOUT_MS = 10_000;

/** The server that the API server calls, over its dependencies; it listens on nothing yet. */
export function createReviewServer({ deps, gate, tls }: ReviewServerParts): ReviewServer {
  const { metrics, settings, log } = deps;
  const app = fastify({
    https: tls,
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
  });
  app.removeContentTypeParser('text/plain');
  addReviewParser(app);
  addDoor(app, { bodyLimit: BODY_LIMIT_BYTES, gate, metrics, log });

  function addWebhook(webhook: 'validate' | 'mutate', review: Reviewer): void {
    // Fastify notes when a request came, which the handler counts from, only where there is such a hook.
    const onResponse: onResponseHookHandler<Server> = (_request, reply, done) => {
      if (reply.statusCode === 200) {
        metrics.reviewSeconds.observe({ webhook }, reply.elapsedTime / 1000);
      }
      done();
    };
    app.post<{ Querystring: Readonly<Record<string, unknown>> }>(
      `/${webhook}`,
      { onResponse },
      async ({ body, query }, reply) => {
        const parsed = AdmissionReview.safeParse(body);
        if (!parsed.success) {
          metrics.reviews.inc({ webhook, verdict: 'refused' });
          const text = `This is no AdmissionReview: ${shapeProblems(parsed.error)}`;
          return reply.code(400).type('text/plain').send(text);
        }
        const deadlineMs = deadlineOf(query['timeout'], settings.deadlineMs);
        const { verdict, response } = await answerInTime({
          review,
          request: parsed.data.request,
          leftMs: deadlineMs - reply.elapsedTime,
          metrics,
          log,
        });
        metrics.reviews.inc({ webhook, verdict });
        return reply.type('application/json').send(JSON.stringify(answerWith(response)));
      },
    );
  }

  addWebhook('validate', createValidator(deps));
  addWebhook('mutate', createMutator(deps));
  return app;
}
