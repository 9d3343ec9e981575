import type { ChannelName } from '../reference';
import type { GcGraph } from './graph';
import { windowOf, type RetentionWindows } from './retention';
import type { Reach } from './roots';

const FURTHEST_FIRST: readonly ChannelName[] = [
  'prod:stable',
  'prod:candidate',
  'stg:stable',
  'stg:candidate',
  'dev:stable',
  'dev:candidate',
];

/** By number of the digest; digests that the registry lacks are left out. */
export type Reaches = ReadonlyMap<number, readonly Reach[]>;

export function reachesOf({ digests }: GcGraph, reaches: readonly Reach[]): Reaches {
  const found = new Map<number, Reach[]>();
  for (const reach of reaches) {
    const digest = digests.get(reach.digest);
    if (digest < 0) continue;
    const others = found.get(digest);
    if (others) others.push(reach);
    else found.set(digest, [reach]);
  }
  return found;
}

/** Until when the longest-lasting of its environments keeps it. */
export function keptUntil(reaches: readonly Reach[], windows: RetentionWindows): number {
  return Math.max(...reaches.map(({ channel, lastAtMs }) => lastAtMs + windowOf(windows, channel)));
}

/** The furthest environment, and when it last was there. */
export function furthest(reaches: readonly Reach[]): Reach | undefined {
  if (reaches.length < 2) return reaches[0];
  return [...reaches].sort(
    (a, b) =>
      FURTHEST_FIRST.indexOf(a.channel) - FURTHEST_FIRST.indexOf(b.channel) ||
      b.lastAtMs - a.lastAtMs,
  )[0];
}
