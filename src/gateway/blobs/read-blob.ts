import { classifyRepository } from '../../domain/registry/repository-class';
import { judgeDelete } from '../../domain/registry/delete-rules';
import type { GatewayDependencies } from '../dependencies';
import type { Exchange, Handler, RouteOf } from '../exchange';
import { enforce } from '../http/refused';
import { assertOurAnswer, relay } from '../http/relay';
import { assertReadable, countStalePull } from '../manifests/pull/read-guard';
import type { ToldPushers } from '../pushers/told-pushers';
import { readAnswerHeaders, readRequestHeaders } from './headers';
import { blobPath } from './path';
import { createSendStored, type SendStored } from './stored-blob';

type BlobExchange = Exchange<RouteOf<'blob'>>;
type BlobDependencies = GatewayDependencies & { readonly toldPushers: ToldPushers };

/**
 * GET and HEAD (distribution-spec, "Pulling blobs"). A redirect to the registry's storage goes to the client as it is; one
 * within the registry leads through here.
 */
async function readBlob(
  deps: BlobDependencies,
  sendStored: SendStored | null,
  exchange: BlobExchange,
): Promise<void> {
  const { route, request, response, signal } = exchange;
  assertReadable(deps, exchange, [route.digest]);
  const asked = {
    path: blobPath(route.repository, route.digest),
    headers: readRequestHeaders(request.headers),
    signal,
  };
  const { backend } = deps;
  if (request.method === 'GET' && (await sendStored?.(exchange, asked)) === true) return;
  if (request.method === 'GET' && backend.pipeBlob) {
    const isDone = await backend.pipeBlob(asked, response, ({ headers }) => {
      countStalePull(deps);
      return readAnswerHeaders(headers);
    });
    if (isDone) return;
  }
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  const answer = await backend.send({ method, ...asked });
  assertOurAnswer(answer);
  if (method === 'HEAD' && answer.status < 400) await deps.toldPushers.blob(exchange);
  countStalePull(deps);
  const { location } = answer.headers;
  const leadsTo = location === undefined ? undefined : (backend.ownPath(location) ?? location);
  await relay(response, answer, {
    ...readAnswerHeaders(answer.headers),
    ...(leadsTo !== undefined && { location: leadsTo }),
  });
}

/** Only where tags move freely; elsewhere bytes go when nothing refers to them. */
async function deleteBlob(deps: GatewayDependencies, exchange: BlobExchange): Promise<void> {
  const { route, principal, response, signal } = exchange;
  enforce(judgeDelete(classifyRepository(route.repository, deps.policy.open), principal, 'blob'));
  const path = blobPath(route.repository, route.digest);
  const answer = await deps.backend.send({ method: 'DELETE', path, signal });
  assertOurAnswer(answer);
  await relay(response, answer, readAnswerHeaders(answer.headers));
}

export function createBlobHandler(deps: BlobDependencies): Handler<'blob'> {
  const sendStored = deps.storage ? createSendStored(deps, deps.storage) : null;
  return (exchange) =>
    exchange.request.method === 'DELETE'
      ? deleteBlob(deps, exchange)
      : readBlob(deps, sendStored, exchange);
}
