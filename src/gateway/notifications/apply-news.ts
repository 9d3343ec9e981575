import { setTimeout as delay } from 'node:timers/promises';
import type { Digest } from '../../domain/digest';
import { LEASE_ARTIFACT } from '../../domain/registry/lease-artifact';
import type { RegistryEvent } from '../../ports/inventory';
import type { GatewayDependencies } from '../dependencies';
import { tagLock } from '../manifests/push/locks';
import { isWriteOnce, recordOfFound } from '../manifests/push/push-record';
import { headManifest } from '../manifests/push/registry-manifests';
import type { RegistryNews } from './registry-event';

export type NewsDependencies = Pick<
  GatewayDependencies,
  'backend' | 'inventory' | 'policy' | 'now'
>;

/** Milliseconds to wait before looking again, used up from the front by all the news of one envelope. */
export type Patience = number[];

type News<K extends RegistryNews['kind']> = Extract<RegistryNews, { readonly kind: K }>;

const LOOK_TIMEOUT_MS = 10_000;

/** The registry tells before our own push has written down its end: known a moment later is known. */
async function becomesTrue(patience: Patience, check: () => Promise<boolean>): Promise<boolean> {
  if (await check()) return true;
  for (let ms = patience.shift(); ms !== undefined; ms = patience.shift()) {
    await delay(ms);
    if (await check()) return true;
  }
  return false;
}

async function record(
  { inventory, now }: NewsDependencies,
  kind: RegistryEvent['kind'],
  { repository, actor, trace }: RegistryNews,
  reference: string,
  detail: RegistryEvent['detail'],
): Promise<void> {
  const at = now().toISOString();
  await inventory.recordEvent({
    kind,
    repository,
    reference,
    actor,
    at,
    detail: { ...trace, ...detail },
  });
}

async function isKnown(
  { inventory }: NewsDependencies,
  { repository, digest, tag }: News<'manifest-pushed'>,
): Promise<boolean> {
  if (tag !== null) return (await inventory.getTag(repository, tag))?.digest === digest;
  return (await inventory.getManifest(repository, digest)) !== null;
}

/** Records a manifest that is in the registry. False when it is not there any more, or only while a collector runs. */
async function recordFound(
  deps: NewsDependencies,
  { repository, actor }: RegistryNews,
  digest: Digest,
  tag: string | null,
): Promise<boolean> {
  const found = { repository, digest, tag, actor };
  const push = await recordOfFound(deps, found, AbortSignal.timeout(LOOK_TIMEOUT_MS));
  if (push === null || (tag === null && push.artifactType === LEASE_ARTIFACT)) return false;
  await deps.inventory.completePush(push);
  return true;
}

/** What the registry has under the tag: news may be old, and the news of a push is sent before its tag is written. */
async function lookForTag(
  { backend }: NewsDependencies,
  patience: Patience,
  { repository, digest }: News<'manifest-pushed'>,
  tag: string,
): Promise<Digest | null> {
  const look = (): Promise<Digest | null> =>
    headManifest(backend, { repository, reference: tag }, AbortSignal.timeout(LOOK_TIMEOUT_MS));
  const isThere = await becomesTrue(patience, async () => (await look()) === digest);
  return isThere ? digest : look();
}

async function tagPushed(
  deps: NewsDependencies,
  patience: Patience,
  news: News<'manifest-pushed'>,
  tag: string,
): Promise<void> {
  const { repository } = news;
  const held = await lookForTag(deps, patience, news, tag);
  const known = await deps.inventory.getTag(repository, tag);
  if (held === null || known?.digest === held) return;
  if (isWriteOnce(deps, repository, tag)) {
    await recordWriteOnce(deps, news, tag, held);
  } else if (await recordFound(deps, news, held, tag)) {
    await record(deps, 'around-gateway', news, tag, { digest: held });
  }
}

/** The claim stays with whom it belongs to: a tag that was moved is an alarm, not a new truth. */
async function recordWriteOnce(
  deps: NewsDependencies,
  news: News<'manifest-pushed'>,
  tag: string,
  held: Digest,
): Promise<void> {
  const found = { repository: news.repository, digest: held, tag, actor: news.actor };
  const push = await recordOfFound(deps, found, AbortSignal.timeout(LOOK_TIMEOUT_MS));
  if (push === null) return;
  const claim = await deps.inventory.beginPush(push);
  if (claim.kind !== 'taken') {
    await deps.inventory.completePush(push);
    await record(deps, 'around-gateway', news, tag, { digest: held });
    return;
  }
  await deps.inventory.completePush({ ...push, tag: null, writeOnce: false });
  await record(deps, 'around-gateway', news, tag, { digest: held });
  await record(deps, 'drift', news, tag, { claimed: claim.digest, by: claim.by, found: held });
}

/**
 * A tag that has moved on since is the usual case, and no push of ours that is about to end: a second look settles it, so that
 * a tag which moves often does not hold up the news behind it.
 */
async function patienceFor(
  { inventory }: NewsDependencies,
  patience: Patience,
  { repository }: RegistryNews,
  tag: string | null,
): Promise<Patience> {
  const hasMoved = tag !== null && (await inventory.getTag(repository, tag)) !== null;
  return hasMoved ? patience.splice(0, 1) : patience;
}

async function manifestPushed(
  deps: NewsDependencies,
  patience: Patience,
  news: News<'manifest-pushed'>,
): Promise<void> {
  const { repository, digest, tag } = news;
  if (await isKnown(deps, news)) return;
  const left = await patienceFor(deps, patience, news, tag);
  if (await becomesTrue(left, () => isKnown(deps, news))) return;
  if (tag !== null) {
    await deps.inventory.exclusively(tagLock(repository, tag), () =>
      tagPushed(deps, left, news, tag),
    );
    return;
  }
  if (await recordFound(deps, news, digest, null)) {
    await record(deps, 'around-gateway', news, digest, { digest });
  }
}

async function digestDeleted(
  deps: NewsDependencies,
  patience: Patience,
  news: News<'digest-deleted'>,
): Promise<void> {
  const { backend, inventory, now } = deps;
  const { repository, digest, actor } = news;
  const isForgotten = async (): Promise<boolean> =>
    (await inventory.getManifest(repository, digest)) === null;
  if (await becomesTrue(patience, isForgotten)) return;
  const place = { repository, reference: digest };
  if ((await headManifest(backend, place, AbortSignal.timeout(LOOK_TIMEOUT_MS))) !== null) return;
  await inventory.recordManifestDelete(repository, digest, actor, now().toISOString());
  await record(deps, 'around-gateway', news, digest, { digest });
}

async function tagDeleted(
  deps: NewsDependencies,
  patience: Patience,
  news: News<'tag-deleted'>,
): Promise<void> {
  const { backend, inventory, now } = deps;
  const { repository, tag, actor } = news;
  const isForgotten = async (): Promise<boolean> =>
    (await inventory.getTag(repository, tag)) === null;
  if (await becomesTrue(patience, isForgotten)) return;
  await inventory.exclusively(tagLock(repository, tag), async () => {
    const place = { repository, reference: tag };
    if ((await headManifest(backend, place, AbortSignal.timeout(LOOK_TIMEOUT_MS))) !== null) return;
    await inventory.recordTagDelete(repository, tag, actor, now().toISOString());
    await record(deps, 'around-gateway', news, tag, {});
  });
}

/**
 * Brings the inventory in line with what the registry says happened. What came through the gateway is known and changes
 * nothing.
 *
 * @throws Refused, ReleaseError LEDGER_UNAVAILABLE: the registry has to say it again
 */
export async function applyNews(
  deps: NewsDependencies,
  news: RegistryNews,
  patience: Patience = [],
): Promise<void> {
  switch (news.kind) {
    case 'manifest-pushed':
      return manifestPushed(deps, patience, news);
    case 'digest-deleted':
      return digestDeleted(deps, patience, news);
    case 'tag-deleted':
      return tagDeleted(deps, patience, news);
    case 'blob-stored':
      return deps.inventory.recordBlob(
        news.repository,
        news.digest,
        news.size,
        news.actor,
        deps.now().toISOString(),
      );
  }
}
