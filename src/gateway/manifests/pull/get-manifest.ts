import type { Digest } from '../../../domain/digest';
import type { GatewayDependencies } from '../../dependencies';
import type { Exchange, Handler, RouteOf } from '../../exchange';
import type { ToldPushers } from '../../pushers/told-pushers';
import type { ActivityRecorder } from '../../activity/activity-recorder';
import { fetchManifest, queryOf, type FoundManifest } from './fetch-manifest';
import { createChildrenMemory, readChildren, type ChildrenMemory } from './index-children';
import { assertReadable, blocksFor, countStalePull, refuseEarly } from './read-guard';

export type PullDependencies = Pick<
  GatewayDependencies,
  'backend' | 'cache' | 'inventory' | 'metrics' | 'log' | 'now' | 'policy'
> & { readonly activity: ActivityRecorder; readonly toldPushers: ToldPushers };

type ManifestExchange = Exchange<RouteOf<'manifest'>>;

/** GET and HEAD of a manifest (distribution-spec, "Pulling manifests"). No byte goes out before all blocks were looked at. */
export function createGetManifestHandler(deps: PullDependencies): Handler<'manifest'> {
  const memory = createChildrenMemory();
  return async (exchange) => {
    const { reference } = exchange.route;
    if (reference.kind === 'digest') refuseEarly(deps, exchange, [reference.digest]);
    const found = await findManifest(deps, exchange);
    assertWholeReadable(deps, memory, exchange, found);
    countStalePull(deps);
    send(exchange, found);
    record(deps, exchange, found);
  };
}

/** Who pushes and asks whether it is there is not told of what is just being deleted. */
async function findManifest(
  deps: PullDependencies,
  exchange: ManifestExchange,
): Promise<FoundManifest> {
  const found = await fetchManifest(deps.backend, queryOf(exchange));
  if (exchange.request.method !== 'HEAD') return found;
  const isRecorded = await deps.toldPushers.manifest(exchange, found.digest);
  return isRecorded ? found : fetchManifest(deps.backend, queryOf(exchange));
}

/** Once more for the digest itself: a tag is known only now, and a quarantine may have come in between. */
function assertWholeReadable(
  deps: PullDependencies,
  memory: ChildrenMemory,
  exchange: ManifestExchange,
  found: FoundManifest,
): void {
  if (blocksFor(deps, exchange).size === 0) return;
  refuseEarly(deps, exchange, [found.digest]);
  const children = deps.policy.quarantine.spreadToParents ? childrenOf(memory, found) : [];
  assertReadable(deps, exchange, [found.digest, ...children]);
}

function childrenOf(memory: ChildrenMemory, { digest, body }: FoundManifest): readonly Digest[] {
  const known = memory.get(digest);
  if (known) return known;
  const children = readChildren(body);
  memory.set(digest, children);
  return children;
}

/** RFC 9110, 13.1.2: weak comparison. Answered here, so that what is not changed is looked at like all else. */
function isUnchanged(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true;
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '').replaceAll('"', '');
  return ifNoneMatch.split(',').some((tag) => bare(tag) === bare(etag));
}

function send({ request, response }: ManifestExchange, found: FoundManifest): void {
  const { digest, etag, contentType, body } = found;
  const ifNoneMatch = request.headers['if-none-match'];
  if (ifNoneMatch !== undefined && isUnchanged(ifNoneMatch, etag)) {
    response.writeHead(304, { etag, 'docker-content-digest': digest }).end();
    return;
  }
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': body.length,
    'docker-content-digest': digest,
    etag,
  });
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

function record(
  { activity, now }: PullDependencies,
  { route, principal }: ManifestExchange,
  { digest }: FoundManifest,
): void {
  if (principal.kind === 'observer') return;
  const { repository, reference } = route;
  const tag = reference.kind === 'tag' ? reference.tag : null;
  activity.record({ repository, tag, digest, at: now().toISOString() });
}
