import type { BackendRequest } from '../backend/backend';
import type { GatewayDependencies } from '../dependencies';
import type { Exchange, Handler, RouteOf } from '../exchange';
import { refused } from '../http/refused';
import { uploadRequestHeaders } from './headers';
import { digestParameter } from './open-upload';
import { uploadsPath } from './path';
import { committing, completeBlob, passUploadAnswer } from './upload-answer';
import { allowCommitTime, assertContentRange, COMMIT_TIMEOUT_MS, hasBody } from './upload-body';

type UploadExchange = Exchange<RouteOf<'upload'>>;

/** What only the start of an upload takes, and what we set ourselves. */
const RESERVED = ['digest', 'mount', 'from'];

/** The query of an upload belongs to the registry that gave it (distribution keeps a signed `_state` there); read and written anew. */
function uploadPath({ route, query }: UploadExchange, digest: string | null): string {
  const kept = [...query].filter(([name]) => !RESERVED.includes(name));
  const parameters = new URLSearchParams(digest === null ? kept : [...kept, ['digest', digest]]);
  const path = `${uploadsPath(route.repository)}${route.id}`;
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/** Status and cancel. */
async function plain(
  deps: GatewayDependencies,
  exchange: UploadExchange,
  method: 'GET' | 'DELETE',
): Promise<void> {
  const { route, signal } = exchange;
  const answer = await deps.backend.send({ method, path: uploadPath(exchange, null), signal });
  await passUploadAnswer(deps, exchange, answer, route.repository);
}

function bodyOf(exchange: UploadExchange): Pick<BackendRequest, 'headers' | 'body'> {
  const { request } = exchange;
  assertContentRange(request);
  allowCommitTime(exchange);
  return {
    headers: uploadRequestHeaders(request.headers),
    ...(hasBody(request) && { body: request }),
  };
}

/** One chunk, or all of it as a stream. */
async function append(deps: GatewayDependencies, exchange: UploadExchange): Promise<void> {
  const { route, signal } = exchange;
  const answer = await deps.backend.send({
    method: 'PATCH',
    path: uploadPath(exchange, null),
    ...bodyOf(exchange),
    signal,
    answerWithinMs: COMMIT_TIMEOUT_MS,
  });
  await passUploadAnswer(deps, exchange, answer, route.repository);
}

/** The last chunk, maybe an empty one, and the digest of the whole. */
async function commit(deps: GatewayDependencies, exchange: UploadExchange): Promise<void> {
  const { route, query, signal } = exchange;
  const digest = digestParameter(query, 'digest');
  if (digest === null) {
    throw refused({
      code: 'DIGEST_INVALID',
      rule: 'digest',
      message: 'An upload ends with the digest of its bytes',
      remedy: 'add the parameter digest',
    });
  }
  const { repository } = route;
  await committing(deps, exchange, { repository, digest }, async () => {
    const answer = await deps.backend.send({
      method: 'PUT',
      path: uploadPath(exchange, digest),
      ...bodyOf(exchange),
      signal,
      answerWithinMs: COMMIT_TIMEOUT_MS,
    });
    if (answer.status === 201) {
      answer.body.resume();
      await completeBlob(deps, exchange, repository, digest);
      return;
    }
    await passUploadAnswer(deps, exchange, answer, repository);
  });
}

/** An upload that was begun: PATCH, PUT, GET its status, DELETE. It may go on while pushes are closed. */
export function createUploadHandler(deps: GatewayDependencies): Handler<'upload'> {
  return async (exchange) => {
    const { method } = exchange.request;
    if (method === 'GET' || method === 'DELETE') {
      await plain(deps, exchange, method);
      return;
    }
    deps.metrics.openUploads.inc();
    try {
      await (method === 'PATCH' ? append(deps, exchange) : commit(deps, exchange));
    } finally {
      deps.metrics.openUploads.dec();
    }
  };
}
