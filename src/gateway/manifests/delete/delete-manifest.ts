import type { Digest } from '../../../domain/digest';
import { judgeDelete } from '../../../domain/registry/delete-rules';
import { classifyRepository } from '../../../domain/registry/repository-class';
import type { GatewayDependencies } from '../../dependencies';
import type { Exchange, Handler, RouteOf } from '../../exchange';
import { enforce, type Refused } from '../../http/refused';
import { removeReferrer } from '../../referrers/keep-referrers';
import { assertPushesOpen } from '../../state/push-gate';
import { refusalOfBackend } from '../push/backend-refusal';
import { manifestLock, tagLock } from '../push/locks';
import { deleteFromBackend, readFacts, type BackendAnswer } from '../push/registry-manifests';
import { assertNotHeld } from './held';
import { assertNotInUse } from './in-use';
import { keptWith } from './kept-with';
import { assertNotLeased } from './leased';

export type DeleteDependencies = Pick<
  GatewayDependencies,
  'backend' | 'inventory' | 'leases' | 'holds' | 'cache' | 'policy' | 'metrics' | 'log' | 'now'
>;

type ManifestExchange = Exchange<RouteOf<'manifest'>>;

function isGone({ status }: BackendAnswer): boolean {
  return (status >= 200 && status < 300) || status === 404;
}

async function deleteTag(
  { backend, inventory, now }: DeleteDependencies,
  { route, principal }: ManifestExchange,
  tag: string,
): Promise<BackendAnswer> {
  const { repository } = route;
  return inventory.exclusively(tagLock(repository, tag), async () => {
    const answer = await deleteFromBackend(backend, { repository, reference: tag });
    if (isGone(answer)) {
      await inventory.recordTagDelete(repository, tag, principal.name, now().toISOString());
    }
    return answer;
  });
}

/** By the inventory, or what the registry has: a referrer that came around the gateway is taken off the list too. */
async function subjectOf(
  { backend, inventory }: DeleteDependencies,
  { route, signal }: ManifestExchange,
  digest: Digest,
): Promise<Digest | null> {
  const { repository } = route;
  const known = await inventory.getManifest(repository, digest);
  if (known) return known.subject;
  return (await readFacts(backend, { repository, reference: digest }, signal))?.subject ?? null;
}

async function deleteManifest(
  deps: DeleteDependencies,
  exchange: ManifestExchange,
  digest: Digest,
): Promise<BackendAnswer> {
  const { backend, inventory, policy, now } = deps;
  const { repository } = exchange.route;
  const actor = exchange.principal.name;
  const subject = await subjectOf(deps, exchange, digest);
  const kept = await keptWith(deps, repository, { digest, subject });
  await assertNotHeld(deps, digest, kept);
  if (classifyRepository(repository, policy.open).kind !== 'open') {
    await assertNotInUse(deps, repository, { digest, subject });
    await assertNotLeased(deps, repository, digest, kept);
  }
  const remove = async (): Promise<BackendAnswer> => {
    const answer = await deleteFromBackend(backend, { repository, reference: digest });
    if (isGone(answer)) {
      await inventory.recordManifestDelete(repository, digest, actor, now().toISOString());
    }
    return answer;
  };
  if (subject === null) return inventory.exclusively(manifestLock(repository, digest), remove);
  const attaching = { repository, subject, actor, id: exchange.requestId };
  return removeReferrer(deps, attaching, digest, remove);
}

/** The system cleans up while pushes are closed: that is what they are closed for. */
function assertDeletesOpen(deps: DeleteDependencies, { principal }: ManifestExchange): void {
  if (principal.kind !== 'system') assertPushesOpen(deps);
}

function refusalOf(answer: BackendAnswer): Refused | null {
  return answer.status >= 200 && answer.status < 300 ? null : refusalOfBackend(answer);
}

/** DELETE of a manifest or tag (distribution-spec, "Content Management"). */
export function createDeleteManifestHandler(deps: DeleteDependencies): Handler<'manifest'> {
  return async (exchange) => {
    const { route, principal, response } = exchange;
    const { repository, reference } = route;
    const kind = classifyRepository(repository, deps.policy.open);
    enforce(judgeDelete(kind, principal, reference.kind === 'tag' ? 'tag' : 'manifest'));
    assertDeletesOpen(deps, exchange);
    const answer =
      reference.kind === 'tag'
        ? await deleteTag(deps, exchange, reference.tag)
        : await deleteManifest(deps, exchange, reference.digest);
    const refusal = refusalOf(answer);
    if (refusal) throw refusal;
    response.writeHead(202, { 'content-length': 0 });
    response.end();
  };
}
