import type { Digest } from '../digest';
import { tagGoes } from './causes';
import { freeInOrder, itemOf } from './items';
import { isDoomed } from './order';
import type { PlanItem } from './plan';
import type { GcPolicy } from './retention';
import { settle, type GcQuestion, type Settled } from './settle';
import { byte, float } from './typed';

export interface GcFlip {
  readonly kind: 'tag' | 'manifest';
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: Digest;
  /** By which it goes, under the policy that deletes it. */
  readonly rule: PlanItem['rule'];
}

/** One direction: what the one policy keeps and the other deletes. */
export interface GcFlips {
  readonly tags: number;
  readonly manifests: number;
  /** What comes free under the one that deletes, and not under the other. */
  readonly bytes: number;
  /** At most `limit`, in the order of the plan that deletes them. */
  readonly flips: readonly GcFlip[];
}

export interface GcDiff {
  /** Kept by `before`, deleted by `after`. */
  readonly deletes: GcFlips;
  /** Deleted by `before`, kept by `after`. */
  readonly keeps: GcFlips;
}

export interface DiffRequest extends Omit<GcQuestion, 'policy'> {
  readonly before: GcPolicy;
  readonly after: GcPolicy;
  /** One repository, or null for all. */
  readonly repository: string | null;
  readonly limit: number;
}

/** What another policy would flip, with all else as it is. */
export function diffGc(request: DiffRequest): GcDiff {
  const before = settle({ ...request, policy: request.before });
  const after = settle({ ...request, policy: request.after });
  return {
    deletes: flipsOf(request, after, before),
    keeps: flipsOf(request, before, after),
  };
}

/** What `deleting` deletes and `keeping` does not. */
function flipsOf(
  { graph, repository, limit }: DiffRequest,
  deleting: Settled,
  keeping: Settled,
): GcFlips {
  const scope = repository === null ? null : graph.repositories.get(repository);
  const flips: GcFlip[] = [];
  let [tags, manifests, bytes] = [0, 0, 0];
  const freed = freeInOrder(deleting, scope, (doomed) => {
    const { tag, node } = doomed;
    if (tag >= 0 ? tagGoes(byte(keeping.tagCauses, tag)) : isDoomed(keeping, node)) return;
    if (tag >= 0) tags++;
    else manifests++;
    if (flips.length < limit) flips.push(flipOf(itemOf(deleting, doomed, 0, 0)));
  });
  const stays = freeInOrder(keeping, scope, () => undefined).digests;
  for (let digest = 0; digest < stays.length; digest++) {
    const isOnlyHere = byte(freed.digests, digest) === 1 && byte(stays, digest) === 0;
    if (isOnlyHere) bytes += float(graph.sizes, digest);
  }
  return { tags, manifests, bytes, flips };
}

function flipOf({ kind, repository, tag, digest, rule }: PlanItem): GcFlip {
  return { kind, repository, tag, digest, rule };
}
