import type { Digest } from '../digest';
import { isInForce, isInGrace, type Block, type Blocks } from './quarantine';

/** A digest whose last pass rests on exceptions, with the first of them to end; and what is around it. */
export interface Lapse {
  readonly digest: Digest;
  /** The released digest; `digest` itself, an index around it or a manifest in it. */
  readonly cause: Digest;
  readonly svc: string;
  readonly vulnerabilityId: string;
  readonly packageName: string;
  readonly exceptionId: string;
  /** RFC 3339: from then on it may not be pulled. */
  readonly endsAt: string;
  /** A channel points at it now. */
  readonly running: boolean;
}

const iso = (ms: number): string => new Date(ms).toISOString();

function toBlock(lapse: Lapse, graceMs: number): Block {
  const { digest, cause, svc, vulnerabilityId, packageName, exceptionId, endsAt } = lapse;
  const endMs = Date.parse(endsAt);
  return {
    digest,
    cause,
    reason: `exception ${exceptionId} of ${svc} for ${vulnerabilityId} in ${packageName} ended at ${endsAt}`,
    cves: [vulnerabilityId],
    by: 'system:plura',
    at: endsAt,
    graceUntil: lapse.running && graceMs > 0 && !Number.isNaN(endMs) ? iso(endMs + graceMs) : null,
    expiresAt: null,
    lapsed: true,
  };
}

/** An end that can't be read has come. */
function hasEnded({ endsAt }: Lapse, nowMs: number): boolean {
  return !(Date.parse(endsAt) > nowMs);
}

/** What may not be pulled at that moment: quarantines, and digests whose exceptions have ended. Of two, the one that refuses. */
export function withholding(
  blocks: Blocks,
  lapses: readonly Lapse[],
  { nowMs, graceMs }: { readonly nowMs: number; readonly graceMs: number },
): Blocks {
  const ended = lapses.filter((lapse) => hasEnded(lapse, nowMs));
  if (ended.length === 0) return blocks;
  const all = new Map(blocks);
  for (const lapse of ended) {
    const block = toBlock(lapse, graceMs);
    const held = all.get(lapse.digest);
    if (!held || !isInForce(held, nowMs) || (isInGrace(held, nowMs) && !isInGrace(block, nowMs))) {
      all.set(lapse.digest, block);
    }
  }
  return all;
}

/** When the next one ends, in ms since the epoch; Infinity when none will. */
export function nextEndMs(lapses: readonly Lapse[], nowMs: number): number {
  const ends = lapses.map(({ endsAt }) => Date.parse(endsAt)).filter((endMs) => endMs > nowMs);
  return ends.reduce((first, endMs) => Math.min(first, endMs), Infinity);
}
