import type { Digest } from '../digest';
import type { Refusal } from './refusal';

/** Why a digest is blocked; `cause` is the quarantined digest itself, or the one it spread from. */
export interface Block {
  readonly digest: Digest;
  readonly cause: Digest;
  readonly reason: string;
  readonly cves: readonly string[];
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  /** RFC 3339; until then it may still be pulled, by anyone: who runs it can't be told from who does not. */
  readonly graceUntil: string | null;
  /** RFC 3339; null = until it is released. */
  readonly expiresAt: string | null;
  /** No quarantine: its scan passed by an exception that has ended. */
  readonly lapsed?: true;
}

export type Blocks = ReadonlyMap<Digest, Block>;

export function isInGrace({ graceUntil }: Block, nowMs: number): boolean {
  return graceUntil !== null && nowMs < Date.parse(graceUntil);
}

/** A block ends by itself; one whose end can't be read does not. */
export function isInForce({ expiresAt }: Block, nowMs: number): boolean {
  return expiresAt === null || !(Date.parse(expiresAt) <= nowMs);
}

/** The block in force on one of `digests`; one without grace before one with it. */
export function findBlock(blocks: Blocks, digests: Iterable<Digest>, nowMs: number): Block | null {
  if (blocks.size === 0) return null;
  let graced: Block | null = null;
  for (const digest of digests) {
    const block = blocks.get(digest);
    if (!block || !isInForce(block, nowMs)) continue;
    if (!isInGrace(block, nowMs)) return block;
    graced ??= block;
  }
  return graced;
}

/** Digests that may not be read now: those in grace may. */
export function unreadable(blocks: Blocks, nowMs: number): readonly Digest[] {
  return [...blocks.values()]
    .filter((block) => isInForce(block, nowMs) && !isInGrace(block, nowMs))
    .map(({ digest }) => digest);
}

function exceptionEnded({ digest, cause, reason, cves, at }: Block): Refusal {
  const spread = cause === digest ? '' : ` (through ${cause})`;
  return {
    code: 'DENIED',
    rule: 'exception-ended',
    message: `${digest} may not be pulled any more${spread}: ${reason}`,
    remedy:
      'release a version without it, or ask for another exception: plura reg exception request',
    detail: { cause, reason, cves, since: at },
  };
}

export function quarantined(block: Block): Refusal {
  if (block.lapsed) return exceptionEnded(block);
  const why = block.cves.length > 0 ? block.cves.join(', ') : block.reason;
  const spread = block.cause === block.digest ? '' : ` (through ${block.cause})`;
  return {
    code: 'DENIED',
    rule: 'quarantined',
    message: `${block.digest} is quarantined${spread}: ${why}`,
    remedy: 'use a fixed version; security can lift it: plura reg quarantine release',
    detail: { cause: block.cause, reason: block.reason, cves: block.cves, since: block.at },
  };
}
