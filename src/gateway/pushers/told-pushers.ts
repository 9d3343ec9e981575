import { LRUCache } from 'lru-cache';
import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import { mayDo } from '../../domain/registry/principal';
import type { LeasedBlob } from '../../ports/upload-leases';
import type { GatewayDependencies } from '../dependencies';
import type { Exchange, RouteOf } from '../exchange';
import { manifestLock } from '../manifests/push/locks';
import { assertNotSealed } from '../state/push-gate';

type ToldDependencies = Pick<
  GatewayDependencies,
  'cache' | 'inventory' | 'uploads' | 'log' | 'now' | 'rememberedMs'
>;

/**
 * Who may push and asks by HEAD whether something is there, leaves it out of what it sends. So it is written down before the
 * answer, as a reason to keep it.
 */
export interface ToldPushers {
  /** @throws Refused while a collector runs, ReleaseError LEDGER_UNAVAILABLE */
  blob(exchange: Exchange<RouteOf<'blob'>>): Promise<void>;
  /** False: it may have been deleted just now, so look again. */
  manifest(exchange: Exchange<RouteOf<'manifest'>>, digest: Digest): Promise<boolean>;
}

/** Leases count by the day. */
const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 50_000;

/** While a collector runs, only what a manifest names is sure to stay. @throws Refused UNAVAILABLE */
async function assertStays(deps: ToldDependencies, blob: LeasedBlob): Promise<void> {
  try {
    assertNotSealed(deps);
  } catch (error) {
    if (!(await deps.uploads.isNamed(blob))) throw error;
  }
}

export function createToldPushers(deps: ToldDependencies): ToldPushers {
  const { inventory, uploads, log, now, rememberedMs = REMEMBERED_MS } = deps;
  // What was written down a moment ago needs no second time.
  const leasedAt = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  return {
    blob: async ({ route: { repository, digest }, principal }) => {
      if (!mayDo(principal, repository, 'push')) return;
      const key = `${repository}@${digest}`;
      const at = now();
      if (at.getTime() - (leasedAt.get(key) ?? -Infinity) >= rememberedMs) {
        await uploads.lease({ repository, digest }, at.toISOString());
        leasedAt.set(key, at.getTime());
      }
      await assertStays(deps, { repository, digest });
    },
    manifest: async ({ route: { repository, reference }, principal }, digest) => {
      if (!mayDo(principal, repository, 'push')) return true;
      const tag = reference.kind === 'tag' ? reference.tag : null;
      const check = { repository, tag, digest, at: now().toISOString() };
      try {
        return await inventory.recordCheck(check, [manifestLock(repository, digest)]);
      } catch (error) {
        // Nothing is deleted without the database either; pulls go on as the policy says.
        if (!(error instanceof ReleaseError)) throw error;
        log.warn({ err: error, repository, digest }, 'a look before a push is not recorded');
        return true;
      }
    },
  };
}
