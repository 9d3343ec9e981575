import type { Digest } from '../../../domain/digest';
import { judgeDelete } from '../../../domain/registry/delete-rules';
import { classifyRepository } from '../../../domain/registry/repository-class';
import type { Handler } from '../../exchange';
import { enforce, type Refused } from '../../http/refused';
import { takeOffList } from '../../referrers/keep-referrers';
import { assertNotSealed, assertPushesOpen } from '../../state/push-gate';
import { refusalOfBackend } from '../push/backend-refusal';
import { manifestLock, referrersLock } from '../push/locks';
import { deleteFromBackend, readFacts, type BackendAnswer } from '../push/registry-manifests';
import { conditionsOf, type DeleteConditions } from './conditions';
import { isGone, type DeleteDependencies, type ManifestExchange } from './delete-exchange';
import { deleteTag } from './delete-tag';
import { assertNotHeld } from './held';
import { assertNotInUse } from './in-use';
import { keptWith } from './kept-with';
import { assertNotLeased } from './leased';
import { assertUnchanged, assertUntagged } from './unchanged';

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

interface Condemned {
  readonly digest: Digest;
  readonly subject: Digest | null;
}

/** All that may keep it, asked under its lock: what comes after waits for the end of the delete. @throws Refused */
async function assertMayGo(
  deps: DeleteDependencies,
  repository: string,
  condemned: Condemned,
  { unchangedSince }: DeleteConditions,
): Promise<void> {
  const { digest } = condemned;
  assertNotSealed(deps);
  const kept = await keptWith(deps, repository, condemned);
  await assertNotHeld(deps, digest, kept);
  const isOpen = classifyRepository(repository, deps.policy.open).kind === 'open';
  if (!isOpen || unchangedSince !== null) {
    await assertNotInUse(deps, repository, condemned);
    await assertNotLeased(deps, repository, digest, kept);
  }
  if (unchangedSince === null) return;
  await assertUntagged(deps, repository, digest);
  await assertUnchanged(deps, repository, digest, unchangedSince);
}

async function deleteManifest(
  deps: DeleteDependencies,
  exchange: ManifestExchange,
  digest: Digest,
  conditions: DeleteConditions,
): Promise<BackendAnswer> {
  const { backend, inventory, now } = deps;
  const { repository } = exchange.route;
  const actor = exchange.principal.name;
  const subject = await subjectOf(deps, exchange, digest);
  const listed = subject === null ? null : { repository, subject, actor, id: exchange.requestId };
  const keys = [
    ...(subject === null ? [] : [referrersLock(repository, subject)]),
    manifestLock(repository, digest),
  ];
  return inventory.exclusively(keys, async () => {
    await assertMayGo(deps, repository, { digest, subject }, conditions);
    // First, so that nobody is told of what is not there.
    if (listed) await takeOffList(deps, listed, digest);
    const answer = await deleteFromBackend(backend, { repository, reference: digest });
    if (isGone(answer)) {
      await inventory.recordManifestDelete(repository, digest, actor, now().toISOString());
    }
    return answer;
  });
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
    const { route, principal, request, response } = exchange;
    const { repository, reference } = route;
    const kind = classifyRepository(repository, deps.policy.open);
    enforce(judgeDelete(kind, principal, reference.kind === 'tag' ? 'tag' : 'manifest'));
    assertDeletesOpen(deps, exchange);
    const conditions = conditionsOf(request);
    const answer =
      reference.kind === 'tag'
        ? await deleteTag(deps, exchange, reference.tag, conditions)
        : await deleteManifest(deps, exchange, reference.digest, conditions);
    const refusal = refusalOf(answer);
    if (refusal) throw refusal;
    response.writeHead(202, { 'content-length': 0 });
    response.end();
  };
}
