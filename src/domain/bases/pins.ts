import type { PinnedBase } from '../bases';
import type { Digest } from '../digest';
import { compareVersions } from './versions';

/** What is known of an import, whoever keeps it. */
export interface HeldBase {
  readonly repository: string;
  readonly version: string;
  readonly digest: Digest;
  /** RFC 3339. */
  readonly importedAt: string;
  readonly withdrawnAt: string | null;
}

type Pins = Readonly<Record<string, PinnedBase>>;

function newestFirst(held: readonly HeldBase[]): readonly HeldBase[] {
  return [...held].sort((a, b) => Date.parse(b.importedAt) - Date.parse(a.importedAt));
}

/**
 * What builds may start from: the newest import of each mirror, and older ones for who names their digest. Of `seeded`, which a local stack
 * brings along, what nothing was imported for and nobody withdrew.
 */
export function pinsOf(imported: readonly HeldBase[], seeded: Pins): Pins {
  const withdrawn = new Set(
    imported.filter((one) => one.withdrawnAt !== null).map(({ digest }) => digest),
  );
  const pins = Object.entries(seeded).filter(([, { digest }]) => !withdrawn.has(digest));
  const mirrors = new Map<string, PinnedBase>();
  for (const { repository, digest } of newestFirst(imported)) {
    if (withdrawn.has(digest)) continue;
    const newest = mirrors.get(repository);
    const { alsoHeld = [] } = newest ?? {};
    mirrors.set(
      repository,
      newest ? { ...newest, alsoHeld: [...alsoHeld, digest] } : { repository, digest },
    );
  }
  return Object.fromEntries([...pins, ...mirrors]);
}

export interface Offered {
  readonly version: string;
  readonly digest: Digest;
}

export type OfferDecision =
  | { readonly kind: 'new' }
  /** It is what builds start from already. */
  | { readonly kind: 'held' }
  | { readonly kind: 'refused'; readonly reason: string; readonly remedy: string };

/** Whether what the vendor offers may replace what is held: never something older by mistake, or by who can set the vendor's tags. */
export function judgeOffer(
  offered: Offered,
  held: readonly HeldBase[],
  allowOlder: boolean,
): OfferDecision {
  const same = held.find(({ digest }) => digest === offered.digest);
  if (same && same.withdrawnAt !== null) {
    return {
      kind: 'refused',
      reason: `${offered.version} (${offered.digest}) was withdrawn at ${same.withdrawnAt}`,
      remedy: 'wait until the vendor publishes another one',
    };
  }
  const kept = newestFirst(held.filter((one) => one.withdrawnAt === null));
  const [newest] = kept;
  if (!newest) return { kind: 'new' };
  if (newest.digest === offered.digest) return { kind: 'held' };
  const order = compareVersions(offered.version, newest.version);
  const isOlder = same !== undefined || (order !== null && order < 0);
  return isOlder && !allowOlder
    ? {
        kind: 'refused',
        reason: `The vendor offers ${offered.version} (${offered.digest}), which is older than ${newest.version} of ${newest.importedAt}`,
        remedy: 'if it is meant: plura reg base import FAMILY --allow-older',
      }
    : { kind: 'new' };
}
