import { ENVIRONMENTS, type Environment } from '../reference';
import type { AllowFacts, ChannelPin } from './allow-facts';
import type { AllowListPolicy } from './allow-policy';
import type { AllowFinding } from './allow-reason';

interface Asked {
  readonly svc: string;
  readonly environment: Environment;
  readonly nowMs: number;
}

/** What the channels of the service say: what they point at, what may be rolled back to, and what is held. */
export function channelFindings(
  facts: Pick<AllowFacts, 'pins' | 'holds' | 'bad'>,
  policy: Pick<AllowListPolicy, 'channels' | 'rollbackWindow'>,
  asked: Asked,
): readonly AllowFinding[] {
  const pins = facts.pins.filter(({ svc }) => svc === asked.svc);
  const here = pins.filter(({ channel }) => policy.channels[channel].includes(asked.environment));
  const held = here.filter((pin) => pin.holds).map(toChannel);
  const bad = facts.bad.find(({ svc }) => svc === asked.svc);
  const past = [...windowFindings(here, policy, asked), ...holdFindings(facts, here, asked)];
  const known = bad && past.some(isAllowing) ? [{ kind: 'known-bad', ...bad } as const] : [];
  const former = bad ? [...known, ...past.filter((one) => !isAllowing(one))] : past;
  const found = [...held, ...former];
  return found.some(isAllowing) || known.length > 0
    ? found
    : [...found, missing(pins, policy, asked)];
}

function isAllowing({ kind }: AllowFinding): boolean {
  return kind === 'channel' || kind === 'rollback-window' || kind === 'hold';
}

function toChannel({ svc, channel, pinnedAt }: ChannelPin): AllowFinding {
  return { kind: 'channel', svc, channel, since: pinnedAt };
}

/** Of prod:stable alone: nothing else is rolled back to. */
function windowFindings(
  pins: readonly ChannelPin[],
  { rollbackWindow }: Pick<AllowListPolicy, 'rollbackWindow'>,
  { nowMs }: Asked,
): readonly AllowFinding[] {
  return pins.flatMap((pin): readonly AllowFinding[] => {
    const { svc, channel, replacedAt, newerPins } = pin;
    if (channel !== 'prod:stable' || pin.holds || replacedAt === null) return [];
    const ends = Date.parse(replacedAt) + rollbackWindow.maxAgeMs;
    const byCount = newerPins <= rollbackWindow.maxPins;
    if (!byCount && ends <= nowMs) return [{ kind: 'window-over', channel, replacedAt, newerPins }];
    const until = byCount ? null : new Date(ends).toISOString();
    return [{ kind: 'rollback-window', svc, channel, replacedAt, newerPins, until }];
  });
}

/** A hold makes a window of its own of what was let in here before; it lets in nothing that never was. */
function holdFindings(
  { holds }: Pick<AllowFacts, 'holds'>,
  pins: readonly ChannelPin[],
  { nowMs }: Asked,
): readonly AllowFinding[] {
  return holds
    .filter(({ until }) => until === null || Date.parse(until) > nowMs)
    .map(({ by, at, reason, until }) =>
      pins.length > 0
        ? { kind: 'hold', by, at, reason, until }
        : { kind: 'hold-elsewhere', by, at },
    );
}

function missing(
  pins: readonly ChannelPin[],
  { channels }: Pick<AllowListPolicy, 'channels'>,
  { svc, environment }: Asked,
): AllowFinding {
  const names = pins.filter((pin) => pin.holds).map(({ channel }) => channel);
  if (names.length === 0) return { kind: 'not-in-channel', svc };
  const environments = ENVIRONMENTS.filter((env) =>
    names.some((name) => channels[name].includes(env)),
  );
  return { kind: 'wrong-environment', environment, channels: names, environments };
}
