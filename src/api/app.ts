import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { randomUUID } from 'node:crypto';
import { ReleaseError } from '../contract/errors';
import type { ApiDependencies } from './dependencies';
import { addAuthentication } from './identity/authenticate';
import { addHttpMetrics, createApiMetrics } from './metrics';
import { toProblem } from './problem';
import { registerRoutes } from './routes';

const BODY_LIMIT_BYTES = 256 * 1024;
const REQUEST_TIMEOUT_MS = 15_000;
/** Longer than the longest wait of a handler, a rollback's 60 s. */
const HANDLER_TIMEOUT_MS = 75_000;

/** The REST API over its dependencies; it listens on nothing yet. */
export async function buildApi(deps: ApiDependencies): Promise<FastifyInstance> {
  const app = fastify({
    ...(deps.logger === false ? { logger: false } : { loggerInstance: deps.logger }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    // A URL that can't be read meets no route, so no error handler either.
    frameworkErrors: (_error, request, reply) => {
      sendNotFound(request, reply, 'a URL that is not well-formed');
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  addProblems(app);
  const metrics = createApiMetrics();
  addHttpMetrics(app, metrics);
  await app.register(rateLimit, {
    max: deps.rateLimitPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, context) =>
      new ReleaseError('TOO_MANY_REQUESTS', `At most ${context.max} requests a minute`, {
        retryAfterMs: context.ttl,
        details: { remedy: `try again after ${context.after}` },
      }),
  });
  await app.register(swagger, {
    openapi: {
      info: { title: 'plura reg', version: '1', description: 'Release governance for images' },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
  });
  addAuthentication(app, deps.verifyToken);
  registerRoutes(app, deps, metrics);
  return app;
}

function addProblems(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  app.setErrorHandler(async (error, request, reply) => {
    const { problem, expected, retryAfterS } = toProblem(error, request.id);
    if (!expected) request.log.error({ err: error }, 'request failed');
    if (retryAfterS !== undefined) void reply.header('retry-after', retryAfterS);
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    await reply
      .code(problem.status)
      .header('content-type', 'application/problem+json')
      .serializer(JSON.stringify)
      .send(problem);
  });
  app.setNotFoundHandler((request, reply) => {
    sendNotFound(request, reply, `${request.method} ${request.url}`);
  });
}

function sendNotFound(request: FastifyRequest, reply: FastifyReply, what: string): void {
  const unknown = new ReleaseError('INVALID_INPUT', `No route ${what}`, {
    details: { field: 'url', remedy: 'see /openapi.json' },
  });
  void reply
    .code(404)
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send({ ...toProblem(unknown, request.id).problem, status: 404 });
}
