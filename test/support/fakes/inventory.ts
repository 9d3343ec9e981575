import type { Digest } from '../../../src/domain/digest';
import {
  CLAIM_ABANDONED_AFTER_MS,
  type Claim,
  type Inventory,
  type PushRecord,
  type RegistryEvent,
} from '../../../src/ports/inventory';
import type { TagStore } from '../../../src/ports/ledger';
import type { PendingPushes } from '../../../src/ports/pending-pushes';
import { withCallFaults, type CallFaults } from './call-faults';
import { createFakeChanges, type FakePush } from './inventory-changes';
import { createFakeReads, FakeContents } from './inventory-contents';

export interface FakeInventory extends Inventory, PendingPushes, TagStore, CallFaults {
  readonly contents: FakeContents;
  /** Newest first. */
  readonly events: readonly RegistryEvent[];
  /** Of `recordWalk`. */
  readonly walks: readonly string[];
  /** Lets so much time pass, as claims and pushes see it. */
  pass(ms: number): Promise<void>;
}

interface HeldClaim {
  digest: Digest;
  by: string;
  at: string;
  pendingSince: number | null;
}

interface HeldPush {
  readonly push: PushRecord;
  begunAt: number;
  done: boolean;
  shared: boolean;
}

function referenceOf({ repository, tag, digest }: PushRecord): string {
  return tag === null ? `${repository}@${digest}` : `${repository}:${tag}`;
}

function keyOf(push: PushRecord): string {
  return `${referenceOf(push)} ${push.digest} ${push.id ?? `${push.actor} ${push.at}`}`;
}

class FakePushes {
  readonly claims = new Map<string, HeldClaim>();
  readonly pushes = new Map<string, HeldPush>();
  private readonly contents: FakeContents;
  private readonly tellDrift: (push: PushRecord, claimed: Digest) => void;
  private passedMs = 0;

  constructor(contents: FakeContents, tellDrift: (push: PushRecord, claimed: Digest) => void) {
    this.contents = contents;
    this.tellDrift = tellDrift;
  }

  pass(ms: number): void {
    this.passedMs += ms;
  }

  nowMs(): number {
    return Date.now() + this.passedMs;
  }

  begin(push: PushRecord, replaceAbandoned: boolean): Claim {
    const answer: Claim =
      push.writeOnce && push.tag !== null
        ? this.claim(push, replaceAbandoned)
        : { kind: 'claimed' };
    if (answer.kind === 'taken') return answer;
    this.contents.record(push, true);
    const known = this.pushes.get(keyOf(push));
    const begunAt = this.nowMs();
    if (known) Object.assign(known, { shared: !known.done, done: false, begunAt });
    else this.pushes.set(keyOf(push), { push, begunAt, done: false, shared: false });
    return answer;
  }

  complete(push: PushRecord): void {
    const holder = push.writeOnce && push.tag !== null ? this.finishClaim(push) : push.digest;
    this.contents.record(push, false);
    const known = this.pushes.get(keyOf(push));
    const again = known?.done === true;
    if (known) known.done = true;
    if (again || push.tag === null) return;
    if (holder === push.digest) this.contents.moveTag({ ...push, tag: push.tag });
    else this.tellDrift(push, holder);
  }

  abandon(push: PushRecord): void {
    const known = this.pushes.get(keyOf(push));
    const old = known && this.nowMs() - known.begunAt > CLAIM_ABANDONED_AFTER_MS;
    if (known && !known.done && (!known.shared || old)) this.pushes.delete(keyOf(push));
    const open = [...this.pushes.values()].filter((one) => !one.done).map((one) => one.push);
    const reference = referenceOf(push);
    const claim = this.claims.get(reference);
    const ours = claim?.digest === push.digest && claim.pendingSince !== null;
    const others = open.filter((one) => one.digest === push.digest);
    if (ours && !others.some((one) => referenceOf(one) === reference)) {
      this.claims.delete(reference);
    }
    if (!others.some((one) => one.repository === push.repository)) {
      this.contents.drop(push.repository, push.digest);
    }
  }

  list(): readonly FakePush[] {
    return [...this.pushes.values()].map(({ push, begunAt, done }) => ({ push, begunAt, done }));
  }

  private claim(push: PushRecord, replaceAbandoned: boolean): Claim {
    const held = this.claims.get(referenceOf(push));
    const mine = { digest: push.digest, by: push.actor, at: push.at, pendingSince: this.nowMs() };
    if (!held) {
      this.claims.set(referenceOf(push), mine);
      return { kind: 'claimed' };
    }
    const { digest, by, at, pendingSince } = held;
    if (digest === push.digest) {
      if (pendingSince !== null) held.pendingSince = this.nowMs();
      return { kind: 'same' };
    }
    const abandoned =
      pendingSince !== null && this.nowMs() - pendingSince > CLAIM_ABANDONED_AFTER_MS;
    if (!abandoned || !replaceAbandoned) return { kind: 'taken', digest, by, at, abandoned };
    for (const [key, one] of this.pushes) {
      const same = referenceOf(one.push) === referenceOf(push) && one.push.digest === digest;
      if (same && !one.done) this.pushes.delete(key);
    }
    this.claims.set(referenceOf(push), mine);
    return { kind: 'claimed' };
  }

  private finishClaim(push: PushRecord): Digest {
    const held = this.claims.get(referenceOf(push));
    if (held && held.digest !== push.digest) return held.digest;
    const first = held ?? { digest: push.digest, by: push.actor, at: push.at };
    this.claims.set(referenceOf(push), { ...first, pendingSince: null });
    return push.digest;
  }
}

interface Turns {
  readonly exclusively: Inventory['exclusively'];
  /** Waits for the work that runs or waits under these keys. */
  readonly settled: (keys: readonly string[]) => Promise<void>;
}

function createTurns(): Turns {
  const tails = new Map<string, Promise<unknown>>();
  const settled = async (keys: readonly string[]): Promise<void> => {
    await Promise.all(keys.map((key) => tails.get(key) ?? Promise.resolve()));
  };
  return {
    settled,
    exclusively: async (key, work) => {
      const keys = [key].flat();
      const turn = settled(keys).then(work);
      const end = turn.catch(() => undefined);
      for (const one of keys) tails.set(one, end);
      return turn;
    },
  };
}

function createActivity(
  contents: FakeContents,
  events: RegistryEvent[],
  walks: string[],
): Pick<Inventory, 'recordActivity' | 'recordEvent' | 'recordHeard' | 'recordWalk' | 'listEvents'> {
  return {
    recordActivity: (reads) => {
      for (const { repository, tag, digest, at } of reads) {
        contents.pulled(repository, digest, at);
        const key = `${repository}:${tag ?? ''}`;
        const held = contents.tags.get(key);
        const newer = held && Date.parse(held.lastPulledAt ?? '1970-01-01') < Date.parse(at);
        if (newer) contents.tags.set(key, { ...held, lastPulledAt: at });
      }
      return Promise.resolve();
    },
    recordEvent: (event) => {
      events.unshift(event);
      return Promise.resolve();
    },
    recordHeard: () => Promise.resolve(),
    recordWalk: (at) => {
      walks.push(at);
      return Promise.resolve();
    },
    listEvents: ({ kind, limit }) =>
      Promise.resolve(
        events.filter((one) => kind === undefined || one.kind === kind).slice(0, limit),
      ),
  };
}

function createPushMethods(
  pushes: FakePushes,
  turns: Turns,
): Pick<FakeInventory, 'beginPush' | 'completePush' | 'abandonPush' | 'listPending' | 'claimTag'> {
  return {
    beginPush: async (push, replaceAbandoned = false) => {
      await turns.settled(push.after ?? []);
      return pushes.begin(push, replaceAbandoned);
    },
    completePush: (push) => {
      pushes.complete(push);
      return Promise.resolve();
    },
    abandonPush: (push) => {
      pushes.abandon(push);
      return Promise.resolve();
    },
    listPending: ({ before, since, limit }) =>
      Promise.resolve(
        [...pushes.pushes.values()]
          .filter((one) => !one.done && one.begunAt < Date.parse(before))
          .filter((one) => since === undefined || one.begunAt >= Date.parse(since))
          .sort((a, b) => a.begunAt - b.begunAt)
          .map(({ push }) => ({ ...push, id: push.id ?? `${push.actor} ${push.at}` }))
          .slice(0, limit),
      ),
    claimTag: ({ repository, digest }, tag, by, at) => {
      const key = `${repository}:${tag}`;
      const held = pushes.claims.get(key) ?? { digest, by, at, pendingSince: null };
      pushes.claims.set(key, held);
      if (held.digest === digest) held.pendingSince = null;
      return Promise.resolve(held.digest === digest);
    },
  };
}

/** The inventory in memory, with every rule of the port; `claimTag` is the ledger's, on the same claims. */
export function createFakeInventory(): FakeInventory {
  const contents = new FakeContents();
  const events: RegistryEvent[] = [];
  const walks: string[] = [];
  const turns = createTurns();
  const pushes = new FakePushes(contents, (push, claimed) => {
    const { repository, tag, digest, actor, at } = push;
    const detail = { rule: 'tag-write-once', claimed, pushed: digest };
    events.unshift({ kind: 'drift', repository, reference: tag ?? digest, actor, at, detail });
  });
  return withCallFaults({
    contents,
    events,
    walks,
    pass: (ms: number) => {
      pushes.pass(ms);
      return Promise.resolve();
    },
    ...createPushMethods(pushes, turns),
    ...createFakeChanges(contents, () => pushes.list(), turns.settled),
    ...createActivity(contents, events, walks),
    ...createFakeReads(contents),
    exclusively: turns.exclusively,
    recordBlob: (repository: string, digest: Digest, size: number) => {
      contents.blobsOf(repository).set(digest, size);
      return Promise.resolve();
    },
    recordTagDelete: (repository: string, tag: string, actor: string, at: string) => {
      contents.deleteTag(`${repository}:${tag}`, actor, at);
      return Promise.resolve();
    },
    recordManifestDelete: (repository: string, digest: Digest, actor: string, at: string) => {
      contents.deleteManifest(repository, digest, actor, at);
      return Promise.resolve();
    },
  });
}
