import type { Digest } from '../../../domain/digest';
import { assertNotSealed } from '../../state/push-gate';
import { manifestLock, tagLock } from '../push/locks';
import { deleteFromBackend, type BackendAnswer } from '../push/registry-manifests';
import { assertNamesDigest, type DeleteConditions } from './conditions';
import { isGone, type DeleteDependencies, type ManifestExchange } from './delete-exchange';
import { assertNotHeld } from './held';
import { keptWith } from './kept-with';
import { assertNotLeased } from './leased';
import { assertTagAt, assertUnchanged } from './unchanged';

interface NamedTag {
  readonly repository: string;
  readonly tag: string;
}

/** Who cleans up asks for all of it. */
async function assertConditions(
  deps: DeleteDependencies,
  named: NamedTag,
  digest: Digest,
  { unchangedSince }: DeleteConditions,
): Promise<void> {
  await assertTagAt(deps, named, digest);
  if (unchangedSince === null) return;
  const { repository } = named;
  await assertUnchanged(deps, repository, digest, unchangedSince);
  const subject = (await deps.inventory.getManifest(repository, digest))?.subject ?? null;
  const kept = await keptWith(deps, repository, { digest, subject });
  await assertNotHeld(deps, digest, kept);
  await assertNotLeased(deps, repository, digest, kept);
}

/** Removes the tag only. A push of the same digest under it waits, or is waited for. @throws Refused */
export async function deleteTag(
  deps: DeleteDependencies,
  { route, principal }: ManifestExchange,
  tag: string,
  conditions: DeleteConditions,
): Promise<BackendAnswer> {
  const { backend, inventory, now } = deps;
  const { repository } = route;
  const { tagAt } = conditions;
  assertNamesDigest(conditions);
  const keys = [
    tagLock(repository, tag),
    ...(tagAt === null ? [] : [manifestLock(repository, tagAt)]),
  ];
  return inventory.exclusively(keys, async () => {
    assertNotSealed(deps);
    if (tagAt !== null) await assertConditions(deps, { repository, tag }, tagAt, conditions);
    const answer = await deleteFromBackend(backend, { repository, reference: tag });
    if (isGone(answer)) {
      await inventory.recordTagDelete(repository, tag, principal.name, now().toISOString());
    }
    return answer;
  });
}
