import type { Digest } from '../../../src/domain/digest';
import type { Block } from '../../../src/domain/registry/quarantine';
import type { GatewayState, RegistryMode, Spread } from '../../../src/ports/gateway-state';
import type { QuarantineEntry } from '../../../src/ports/quarantine';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeExceptions } from './exceptions';
import { FakeContents, reach } from './inventory-contents';
import { createFakeQuarantine, latest, shortest, type FakeQuarantine } from './quarantine';
import { createFakeRobots, type FakeRobots } from './robots';

export interface FakeGatewayState extends GatewayState, CallFaults {
  /** Tells those that watch, as Postgres does after a change. */
  tell(): Promise<void>;
}

const OPEN: RegistryMode = {
  pushes: 'open',
  reason: '',
  by: 'system',
  since: '1970-01-01T00:00:00.000Z',
  until: null,
};

function modeNow(mode: RegistryMode): RegistryMode {
  const { by, until } = mode;
  const over = until !== null && Date.parse(until) <= Date.now();
  return over ? { ...OPEN, by, since: until } : mode;
}

function blockOf(digest: Digest, entry: QuarantineEntry, old: Block | undefined): Block {
  const { reason, cves, actor: by, at, graceUntil, expiresAt } = entry;
  const fresh = { digest, cause: entry.digest, reason, cves, by, at, graceUntil, expiresAt };
  if (!old) return fresh;
  return {
    ...(entry.digest === digest ? fresh : old),
    graceUntil: shortest(old.graceUntil, graceUntil),
    expiresAt: latest(old.expiresAt, expiresAt),
  };
}

function close(
  entries: readonly QuarantineEntry[],
  contents: FakeContents,
  spread: Spread,
): readonly Block[] {
  const blocks = new Map<Digest, Block>();
  for (const entry of entries) {
    const reached = new Set([
      entry.digest,
      ...(spread.parents ? reach(contents, entry.digest, 'parents') : []),
      ...(spread.children ? reach(contents, entry.digest, 'children') : []),
    ]);
    for (const digest of reached) blocks.set(digest, blockOf(digest, entry, blocks.get(digest)));
  }
  return [...blocks.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

export interface FakeGatewayParts {
  readonly contents?: FakeContents;
  readonly robots?: FakeRobots;
  readonly quarantine?: FakeQuarantine;
  readonly exceptions?: FakeExceptions;
}

/** Reads the other fakes, so that a test changes them as the product would. `tell` stands for the notification. */
export function createFakeGatewayState(parts: FakeGatewayParts = {}): FakeGatewayState {
  const contents = parts.contents ?? new FakeContents();
  const robots = parts.robots ?? createFakeRobots();
  const quarantine = parts.quarantine ?? createFakeQuarantine(contents);
  const listeners = new Set<() => void>();
  let mode = OPEN;
  const state: GatewayState & Pick<FakeGatewayState, 'tell'> = {
    read: async (spread) => ({
      robots: await robots.withSecrets(),
      blocks: close(await quarantine.open(), contents, spread),
      lapses: parts.exceptions?.lapses(contents, spread) ?? [],
      mode: modeNow(mode),
    }),
    readBlocks: async (spread) => close(await quarantine.open(), contents, spread),
    setMode: (next) => {
      mode = next;
      for (const listener of listeners) listener();
      return Promise.resolve();
    },
    replaceMode: (held, next) => {
      if (mode.by !== held.by || mode.since !== held.since) return Promise.resolve(false);
      mode = next;
      for (const listener of listeners) listener();
      return Promise.resolve(true);
    },
    watch: (onChange, signal) => {
      if (signal.aborted) return;
      listeners.add(onChange);
      signal.addEventListener('abort', () => listeners.delete(onChange), { once: true });
      onChange();
    },
    tell: () => {
      for (const listener of listeners) listener();
      return Promise.resolve();
    },
  };
  return withCallFaults(state);
}
