import { isDigest, type Digest } from '../../domain/digest';
import { findBlock } from '../../domain/registry/quarantine';
import { isRepositoryName } from '../../domain/registry/repository-class';
import { mayMount } from '../auth/authorise';
import type { GatewayDependencies } from '../dependencies';
import type { Exchange, Handler, RouteOf } from '../exchange';
import { refused } from '../http/refused';
import { uploadRequestHeaders } from './headers';
import { uploadsPath } from './path';
import { committing, completeBlob, passUploadAnswer } from './upload-answer';
import { allowCommitTime, assertContentRange, COMMIT_TIMEOUT_MS, hasBody } from './upload-body';

type UploadsExchange = Exchange<RouteOf<'uploads'>>;

/** @throws Refused DIGEST_INVALID */
export function digestParameter(query: URLSearchParams, name: 'digest' | 'mount'): Digest | null {
  const text = query.get(name);
  if (text === null) return null;
  if (isDigest(text) && query.getAll(name).length === 1) return text;
  throw refused({
    code: 'DIGEST_INVALID',
    rule: 'digest',
    message: `The parameter ${name} is no digest that is taken here`,
    remedy: 'sha256: and 64 lower-case hex digits',
  });
}

interface Mount {
  readonly digest: Digest;
  readonly from: string;
}

/**
 * A mount gives what may be read elsewhere, so it takes the right to read it. Without that, or for a quarantined blob, a plain
 * upload begins (distribution-spec, "Mounting a blob from another repository"), which tells nothing about what is there.
 */
function mountOf(
  deps: GatewayDependencies,
  { route, query, principal }: UploadsExchange,
): Mount | null {
  const digest = digestParameter(query, 'mount');
  const from = query.get('from');
  if (digest === null || from === null || !isRepositoryName(from)) return null;
  if (!mayMount(principal, route.repository, from)) return null;
  const { blocks } = deps.cache.current();
  return findBlock(blocks, [digest], deps.now().getTime()) ? null : { digest, from };
}

function withQuery(path: string, parameters: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(parameters).toString()}`;
}

/** Whole blob in the one request (distribution-spec, "Single POST"). A registry that can't answers 202, and the client goes on from there. */
async function postWhole(
  deps: GatewayDependencies,
  exchange: UploadsExchange,
  digest: Digest,
): Promise<void> {
  const { route, request, signal } = exchange;
  assertContentRange(request);
  allowCommitTime(exchange);
  deps.metrics.openUploads.inc();
  const { repository } = route;
  try {
    await committing(deps, exchange, { repository, digest }, async () => {
      const answer = await deps.backend.send({
        method: 'POST',
        path: withQuery(uploadsPath(repository), { digest }),
        headers: uploadRequestHeaders(request.headers),
        ...(hasBody(request) && { body: request }),
        signal,
        answerWithinMs: COMMIT_TIMEOUT_MS,
      });
      await settle(deps, exchange, answer, digest);
    });
  } finally {
    deps.metrics.openUploads.dec();
  }
}

async function settle(
  deps: GatewayDependencies,
  exchange: UploadsExchange,
  answer: Awaited<ReturnType<GatewayDependencies['backend']['send']>>,
  digest: Digest | null,
): Promise<void> {
  const { repository } = exchange.route;
  if (answer.status === 201 && digest !== null) {
    answer.body.resume();
    await completeBlob(deps, exchange, repository, digest);
    return;
  }
  await passUploadAnswer(deps, exchange, answer, repository);
}

/** `POST …/blobs/uploads/`: begins an upload, mounts a blob, or takes a whole one. */
export function createUploadsHandler(deps: GatewayDependencies): Handler<'uploads'> {
  return async (exchange) => {
    const { route, query, signal } = exchange;
    const { repository } = route;
    const whole = digestParameter(query, 'digest');
    const mount = mountOf(deps, exchange);
    if (whole !== null && mount === null && hasBody(exchange.request)) {
      await postWhole(deps, exchange, whole);
      return;
    }
    const path = uploadsPath(repository);
    const open = async (): Promise<void> => {
      const answer = await deps.backend.send({
        method: 'POST',
        path: mount ? withQuery(path, { mount: mount.digest, from: mount.from }) : path,
        headers: { 'content-length': '0' },
        signal,
        answerWithinMs: COMMIT_TIMEOUT_MS,
      });
      await settle(deps, exchange, answer, mount?.digest ?? null);
    };
    await (mount ? committing(deps, exchange, { repository, digest: mount.digest }, open) : open());
  };
}
