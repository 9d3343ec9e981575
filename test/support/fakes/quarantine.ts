import { SYSTEM_ACTOR } from '../../../src/domain/actor';
import type { Digest } from '../../../src/domain/digest';
import type { Quarantine, QuarantineEntry } from '../../../src/ports/quarantine';
import { withCallFaults, type CallFaults } from './call-faults';
import { FakeContents, reach } from './inventory-contents';

export interface FakeQuarantine extends Quarantine, CallFaults {
  /** What channels point at. */
  readonly running: Set<Digest>;
  /** The ledger's question: itself, what holds it and what it holds. */
  isQuarantined(digest: Digest): Promise<boolean>;
  /** Under quarantine now, oldest first. */
  open(): Promise<readonly QuarantineEntry[]>;
}

export function latest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return Date.parse(a) > Date.parse(b) ? a : b;
}

export function shortest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return Date.parse(a) < Date.parse(b) ? a : b;
}

function isOpen({ liftedAt, expiresAt }: QuarantineEntry): boolean {
  return liftedAt === null && (expiresAt === null || Date.parse(expiresAt) > Date.now());
}

class Entries {
  readonly all: QuarantineEntry[] = [];

  add(entry: Parameters<Quarantine['add']>[0]): QuarantineEntry {
    const index = this.openAt(entry.digest);
    const held = this.all[index];
    if (!held) {
      const cves = [...new Set(entry.cves)];
      const fresh = { ...entry, cves, liftedAt: null, liftedBy: null, liftReason: null };
      this.all.push(fresh);
      return fresh;
    }
    const isTaken = held.actor === SYSTEM_ACTOR.subject && entry.actor !== held.actor;
    const { reason, actor } = isTaken ? entry : held;
    const merged = {
      ...{ ...held, reason, actor },
      cves: [...new Set([...held.cves, ...entry.cves])],
      expiresAt: latest(held.expiresAt, entry.expiresAt),
      graceUntil: shortest(held.graceUntil, entry.graceUntil),
    };
    this.all[index] = merged;
    return merged;
  }

  lift(
    ...[digest, liftedBy, liftReason, liftedAt, onlyOf]: Parameters<Quarantine['lift']>
  ): boolean {
    const index = this.openAt(digest);
    const held = this.all[index];
    if (held && (onlyOf ?? held.actor) === held.actor) {
      this.all[index] = { ...held, liftedAt, liftedBy, liftReason };
      return true;
    }
    return this.all.some(
      (one) => one.digest === digest && one.liftedBy === liftedBy && one.liftedAt === liftedAt,
    );
  }

  openAt(digest: Digest): number {
    return this.all.findIndex((one) => one.digest === digest && isOpen(one));
  }
}

/** Give it the contents of a fake inventory, so that it knows where a digest is. */
export function createFakeQuarantine(
  contents: FakeContents = new FakeContents(),
  running = new Set<Digest>(),
): FakeQuarantine {
  const entries = new Entries();
  const quarantine: Quarantine = {
    add: (entry) => Promise.resolve(entries.add(entry)),
    lift: (...asked) => Promise.resolve(entries.lift(...asked)),
    get: (digest) => Promise.resolve(entries.all[entries.openAt(digest)] ?? null),
    list: ({ all = false, limit }) =>
      Promise.resolve(
        entries.all
          .filter((one) => all || isOpen(one))
          .reverse()
          .slice(0, limit),
      ),
    places: (digest) => {
      const near = new Set([
        ...reach(contents, digest, 'parents'),
        ...reach(contents, digest, 'children'),
      ]);
      const found = contents.taken().filter((one) => near.has(one.digest));
      const places = found.map(({ repository, digest: held }) => ({
        repository,
        digest: held,
        tags: contents
          .tagsIn(repository)
          .filter((one) => one.digest === held)
          .map((one) => one.tag),
      }));
      const order = (one: (typeof places)[number]): string => `${one.repository}@${one.digest}`;
      return Promise.resolve(places.sort((a, b) => (order(a) < order(b) ? -1 : 1)));
    },
    isRunning: (digest) => Promise.resolve(running.has(digest)),
  };
  return withCallFaults({
    ...quarantine,
    running,
    isQuarantined: (digest: Digest) => {
      const near = [
        digest,
        ...reach(contents, digest, 'parents'),
        ...reach(contents, digest, 'children'),
      ];
      return Promise.resolve(near.some((one) => entries.openAt(one) >= 0));
    },
    open: () => Promise.resolve(entries.all.filter(isOpen)),
  });
}
