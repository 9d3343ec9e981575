import type { Digest } from '../../../domain/digest';
import type { ManifestChange } from '../../../ports/inventory';
import type { GatewayDependencies } from '../../dependencies';
import { refused } from '../../http/refused';
import { headManifest } from '../push/registry-manifests';

type UnchangedDependencies = Pick<GatewayDependencies, 'backend' | 'inventory'>;

const LOOK_TIMEOUT_MS = 10_000;

const WHAT: Readonly<Record<ManifestChange['kind'], string>> = {
  pushing: 'a push is under way',
  pushed: 'it was pushed',
  pulled: 'it was pulled',
  tag: 'it was tagged',
  referrer: 'something was attached to it',
  parent: 'an index names it',
};

interface Failed {
  readonly rule: string;
  readonly message: string;
  readonly digest: Digest;
}

function preconditionFailed({ digest, ...said }: Failed): Error {
  return refused({
    code: 'DENIED',
    status: 412,
    ...said,
    remedy: 'plan anew: what was planned by is no longer so',
    detail: { digest },
  });
}

/**
 * Nothing happened to the manifest since it was planned to go. Under its lock, that no push of it begins meanwhile.
 *
 * @throws Refused 412 by rule `changed-since`
 */
export async function assertUnchanged(
  { inventory }: UnchangedDependencies,
  repository: string,
  digest: Digest,
  since: string,
): Promise<void> {
  const [change] = await inventory.listChanges(repository, digest, since);
  if (!change) return;
  const { kind, name, at } = change;
  const what = `${WHAT[kind]} (${name}, ${at})`;
  throw preconditionFailed({ rule: 'changed-since', message: `Since ${since} ${what}`, digest });
}

/** A registry takes all tags away with the manifest. @throws Refused 412 by rule `tagged` */
export async function assertUntagged(
  { inventory }: UnchangedDependencies,
  repository: string,
  digest: Digest,
): Promise<void> {
  const [tag] = await inventory.tagsOf(repository, [digest]);
  if (tag === undefined) return;
  throw preconditionFailed({ rule: 'tagged', message: `The tag ${tag} points at it`, digest });
}

/** By the inventory and by the registry itself. @throws Refused 412 by rule `tag-moved` */
export async function assertTagAt(
  { backend, inventory }: UnchangedDependencies,
  { repository, tag }: { readonly repository: string; readonly tag: string },
  digest: Digest,
): Promise<void> {
  const recorded = (await inventory.getTag(repository, tag))?.digest ?? null;
  const place = { repository, reference: tag };
  const held = await headManifest(backend, place, AbortSignal.timeout(LOOK_TIMEOUT_MS));
  const moved = [recorded, held].find((one) => one !== null && one !== digest);
  if (moved === undefined) return;
  const message = `The tag ${tag} points at ${moved ?? 'nothing'}`;
  throw preconditionFailed({ rule: 'tag-moved', message, digest });
}
