import type { Digest } from '../../../domain/digest';
import { tagTaken, type TagHolder } from '../../../domain/registry/tag-rules';
import type { Claim, PushRecord } from '../../../ports/inventory';
import { refused, Refused } from '../../http/refused';
import { recordOfFound } from './push-record';
import type { StoreDependencies } from './put-recorded';
import { headManifest } from './registry-manifests';

/** A push of a write-once tag. */
export type TagPush = PushRecord & { readonly tag: string };

/** Pushed around the gateway, by whom nobody saw. */
export const UNKNOWN_ACTOR = 'unknown';

const LOOK_TIMEOUT_MS = 10_000;

type Taken = Extract<Claim, { readonly kind: 'taken' }>;
type Holder = TagHolder & { readonly digest: Digest };

function taken({ repository, tag }: TagPush, holder: TagHolder): Refused {
  return refused(tagTaken(`${repository}:${tag}`, holder));
}

/** The registry has `digest` under the tag, so the claim is its pusher's, whose record is made up for. */
async function recordHolder(
  { backend, inventory, policy, now }: StoreDependencies,
  { repository, tag }: TagPush,
  holder: Holder,
): Promise<TagHolder> {
  const { digest, by, at } = holder;
  const record = await recordOfFound(
    { backend, policy, now },
    { repository, tag, digest, actor: by, at },
    AbortSignal.timeout(LOOK_TIMEOUT_MS),
  );
  if (record === null) return holder;
  const claim = await inventory.beginPush(record, true);
  if (claim.kind === 'taken') return claim;
  await inventory.completePush(record);
  return holder;
}

async function refusedForFound(
  deps: StoreDependencies,
  push: TagPush,
  digest: Digest,
): Promise<Refused> {
  const at = deps.now().toISOString();
  const { repository, tag } = push;
  const holder = await recordHolder(deps, push, { digest, by: UNKNOWN_ACTOR, at });
  await deps.inventory.recordEvent({
    kind: 'around-gateway',
    repository,
    reference: tag,
    actor: UNKNOWN_ACTOR,
    at,
    detail: { digest, found: 'when the tag was claimed' },
  });
  return taken(push, holder);
}

/** Its push never told its end, so the registry does. */
async function replaceAbandoned(
  deps: StoreDependencies,
  push: TagPush,
  claim: Taken,
  held: Digest | null,
): Promise<void> {
  if (held === claim.digest) throw taken(push, await recordHolder(deps, push, claim));
  if (held !== null && held !== push.digest) throw await refusedForFound(deps, push, held);
  const again = await deps.inventory.beginPush(push, true);
  if (again.kind === 'taken') throw taken(push, again);
}

/**
 * The registry has another digest under a tag that is ours. From before the gateway: then it was never ours to have. Moved around
 * the gateway since our push was complete: then this push puts it right.
 */
async function judgeStranger(
  deps: StoreDependencies,
  push: TagPush,
  claim: Claim,
  held: Digest,
): Promise<void> {
  const { inventory, now } = deps;
  const { repository, tag, digest } = push;
  const known = claim.kind === 'same' ? await inventory.getTag(repository, tag) : null;
  if (known?.digest !== digest) {
    await inventory.abandonPush(push);
    throw await refusedForFound(deps, push, held);
  }
  await inventory.recordEvent({
    kind: 'drift',
    repository,
    reference: tag,
    actor: UNKNOWN_ACTOR,
    at: now().toISOString(),
    detail: { claimed: digest, found: held, putRightBy: push.actor },
  });
}

async function settle(
  deps: StoreDependencies,
  push: TagPush,
  claim: Claim,
): Promise<Digest | null> {
  const { repository, tag } = push;
  const look = headManifest(
    deps.backend,
    { repository, reference: tag },
    AbortSignal.timeout(LOOK_TIMEOUT_MS),
  );
  const held = await look.catch(async (error: unknown) => {
    // Nothing was sent to the registry yet: what this push began may go.
    if (claim.kind !== 'taken') await deps.inventory.abandonPush(push);
    throw error;
  });
  if (claim.kind === 'taken') await replaceAbandoned(deps, push, claim, held);
  else if (held !== null && held !== push.digest) await judgeStranger(deps, push, claim, held);
  return held;
}

/**
 * Makes the tag this digest's for ever, or finds that it is already: of any number of racing pushes exactly one digest gets it,
 * by one row in Postgres. Then the registry is asked what it has there, from before the gateway or from a push whose answer
 * was lost.
 *
 * @returns whether the registry has this very digest under the tag already
 * @throws Refused 409 when another digest has the tag
 */
export async function claimTag(deps: StoreDependencies, push: TagPush): Promise<boolean> {
  const { inventory, metrics } = deps;
  try {
    const claim = await inventory.beginPush(push);
    if (claim.kind === 'taken' && !claim.abandoned) throw taken(push, claim);
    const held = await settle(deps, push, claim);
    metrics.claims.inc({ outcome: claim.kind === 'taken' ? 'replaced' : claim.kind });
    return held === push.digest;
  } catch (error) {
    if (error instanceof Refused && error.refusal.rule === 'tag-write-once') {
      metrics.claims.inc({ outcome: 'taken' });
    }
    throw error;
  }
}
