import type { Digest } from '../digest';
import { CHANNEL_TAGS, type ChannelName, type ChannelTag, type Environment } from '../reference';
import type { Where } from './finding';

export interface ChannelHead {
  readonly channel: ChannelName;
  readonly digest: Digest | null;
}

/** What runs in an environment. */
export interface RunningTracks extends Readonly<Record<ChannelTag, Digest | null>> {
  readonly env: Environment;
  /** Former stables that run without traffic. */
  readonly warm: readonly Digest[];
}

/** A digest, and every place it is in. */
export interface Subject {
  readonly digest: Digest;
  readonly where: readonly Where[];
}

export interface Stranger {
  readonly digest: Digest;
  readonly where: Where;
  /** What the channel of that place says. */
  readonly expected: Digest | null;
}

/** All that has to be checked for a service, each digest once. */
export function subjectsOf(
  channels: readonly ChannelHead[],
  running: readonly RunningTracks[],
): readonly Subject[] {
  const places: (readonly [Digest | null, Where])[] = [
    ...channels.map(({ channel, digest }) => [digest, channel] as const),
    ...running.flatMap((tracks) =>
      CHANNEL_TAGS.map((tag) => [tracks[tag], `${tracks.env} ${tag}`] as const),
    ),
    ...running.flatMap(({ env, warm }) =>
      warm.map((digest) => [digest, `${env} warm` as const] as const),
    ),
  ];
  const subjects = new Map<Digest, Where[]>();
  for (const [digest, where] of places) {
    if (digest) subjects.set(digest, [...(subjects.get(digest) ?? []), where]);
  }
  return [...subjects].map(([digest, where]) => ({ digest, where }));
}

/** What runs though the channel says something else. While a release or a rollback moves, that is as it should be. */
export function strangersOf(
  channels: readonly ChannelHead[],
  running: readonly RunningTracks[],
): readonly Stranger[] {
  return running.flatMap((tracks) =>
    CHANNEL_TAGS.flatMap((tag): readonly Stranger[] => {
      const digest = tracks[tag];
      const name: ChannelName = `${tracks.env}:${tag}`;
      const expected = channels.find(({ channel }) => channel === name)?.digest ?? null;
      if (digest === null || digest === expected) return [];
      return [{ digest, where: `${tracks.env} ${tag}`, expected }];
    }),
  );
}
