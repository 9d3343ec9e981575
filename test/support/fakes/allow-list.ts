import { SYSTEM_ACTOR } from '../../../src/domain/actor';
import { ReleaseError } from '../../../src/contract/errors';
import type { AllowFacts, ChannelPin } from '../../../src/domain/admission/allow-facts';
import type { DeniedDigest, Denial, Grant } from '../../../src/domain/admission/grant';
import type { Digest } from '../../../src/domain/digest';
import {
  CHANNEL_TAGS,
  ENVIRONMENTS,
  type Channel,
  type ImageRef,
} from '../../../src/domain/reference';
import {
  MAX_GRANTS,
  KEEPS_ONLY,
  MAX_HOLDS,
  type AllowList,
  type Hold,
  type RecordedDenial,
  type RecordedGrant,
  type RecordedHold,
} from '../../../src/ports/allow-list';
import { withCallFaults, type CallFaults } from './call-faults';
import { FakeContents, reach } from './inventory-contents';
import { createFakeLedger, type FakeLedger } from './ledger';
import { createFakeQuarantine, type FakeQuarantine } from './quarantine';

export interface FakeAllowList extends AllowList, CallFaults {
  /** Moves the revision, as Postgres does when another store changes what decides. */
  tell(): Promise<void>;
}

export interface FakeAllowListParts {
  readonly ledger?: FakeLedger;
  readonly quarantine?: FakeQuarantine;
  readonly contents?: FakeContents;
  /** Those whose channels it looks at. */
  readonly services?: readonly string[];
  readonly nowMs?: () => number;
}

const CHANNELS: readonly Channel[] = ENVIRONMENTS.flatMap((env) =>
  CHANNEL_TAGS.map((tag) => ({ env, tag })),
);
const ALL = 10_000;

class Entries {
  private readonly nowMs: () => number;
  grants: readonly RecordedGrant[] = [];
  denials: readonly RecordedDenial[] = [];

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  addGrant(grant: Grant): RecordedGrant {
    const known = this.grants.find(({ id }) => id === grant.id);
    if (known) return known;
    const { repository, digest } = grant;
    const open = this.openGrants().filter((one) => one.digest === digest);
    if (open.filter((one) => one.repository === repository).length >= MAX_GRANTS) {
      throw new ReleaseError('INVALID_INPUT', `There are ${MAX_GRANTS} grants already`);
    }
    const added = { ...grant, revokedAt: null, revokedBy: null, revokeReason: null };
    this.grants = [...this.grants, added];
    return added;
  }

  openGrants(): readonly RecordedGrant[] {
    return this.grants.filter(
      ({ revokedAt, expiresAt }) => revokedAt === null && Date.parse(expiresAt) > this.nowMs(),
    );
  }

  revokeGrant(id: string, revokedBy: string, revokeReason: string, revokedAt: string): void {
    this.grants = this.grants.map((one) =>
      one.id === id && one.revokedAt === null
        ? { ...one, revokedAt, revokedBy, revokeReason }
        : one,
    );
  }

  addDenial(denial: Denial): RecordedDenial {
    const known = this.openDenials().find(({ digest }) => digest === denial.digest);
    const isTaken = known?.by === SYSTEM_ACTOR.subject && denial.by !== known.by;
    if (known && !isTaken) return known;
    const open = { liftedAt: null, liftedBy: null, liftReason: null };
    const added = { ...denial, ...(known && { at: known.at }), ...open };
    this.denials = [...this.denials.filter((one) => one !== known), added];
    return added;
  }

  openDenials(): readonly RecordedDenial[] {
    return this.denials.filter(({ liftedAt }) => liftedAt === null);
  }

  liftDenial(
    ...[digest, liftedBy, liftReason, liftedAt, onlyOf]: Parameters<AllowList['liftDenial']>
  ): boolean {
    const held = this.openDenials().find(
      (one) => one.digest === digest && (onlyOf ?? one.by) === one.by,
    );
    this.denials = this.denials.map((one) =>
      one === held ? { ...one, liftedAt, liftedBy, liftReason } : one,
    );
    const same = this.denials.some(
      (one) => one.digest === digest && one.liftedBy === liftedBy && one.liftedAt === liftedAt,
    );
    return held !== undefined || same;
  }
}

/** Oldest first. */
class Holds {
  private readonly nowMs: () => number;
  all: readonly RecordedHold[] = [];

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  add(hold: Hold): RecordedHold {
    const known = this.all.find(({ id }) => id === hold.id);
    if (known) return known;
    if (this.open().filter(({ digest }) => digest === hold.digest).length >= MAX_HOLDS) {
      throw new ReleaseError('INVALID_INPUT', `It is held ${MAX_HOLDS} times already`);
    }
    const added = { ...hold, releasedAt: null, releasedBy: null, releaseReason: null };
    this.all = [...this.all, added];
    return added;
  }

  open(): readonly RecordedHold[] {
    return this.all.filter(
      ({ releasedAt, until }) =>
        releasedAt === null && (until === null || Date.parse(until) > this.nowMs()),
    );
  }

  release(id: string, releasedBy: string, releaseReason: string, releasedAt: string): void {
    this.all = this.all.map((one) =>
      one.id === id && one.releasedAt === null
        ? { ...one, releasedAt, releasedBy, releaseReason }
        : one,
    );
  }

  factsOf(digest: Digest): AllowFacts['holds'] {
    return this.all
      .filter((one) => one.digest === digest && one.releasedAt === null)
      .filter(({ id }) => !id.startsWith(KEEPS_ONLY))
      .map(({ reason, by, at, until }) => ({ reason, by, at, until }));
  }
}

function toGrant(recorded: RecordedGrant): Grant {
  const { id, repository, digest, namespaces, environment, owner, reason } = recorded;
  const { grantedBy, grantedAt, expiresAt } = recorded;
  const image = { id, repository, digest, namespaces, environment };
  return { ...image, owner, reason, grantedBy, grantedAt, expiresAt };
}

function toDenial({ digest, repository, reason, by, at }: RecordedDenial): Denial {
  return { digest, repository, reason, by, at };
}

function spreadDenials(
  denials: readonly RecordedDenial[],
  contents: FakeContents,
): readonly DeniedDigest[] {
  const denied = new Map<Digest, DeniedDigest>();
  for (const { digest: cause, reason, by, at } of denials) {
    const family = [...reach(contents, cause, 'parents'), ...reach(contents, cause, 'children')];
    for (const digest of family.filter((one) => !denied.has(one))) {
      denied.set(digest, { digest, cause, reason, by, at });
    }
    denied.set(cause, { digest: cause, cause, reason, by, at });
  }
  return [...denied.values()];
}

type Parts = Required<Omit<FakeAllowListParts, 'nowMs'>>;

async function pinOf(
  ledger: FakeLedger,
  svc: string,
  channel: Channel,
  digest: Digest,
): Promise<ChannelPin | null> {
  const name = `${channel.env}:${channel.tag}` as const;
  const state = await ledger.getChannel(svc, channel);
  // Newest first.
  const moves = (await ledger.history(svc, ALL)).filter((one) => one.channel === name);
  const at = moves.findIndex(({ to }) => to === digest);
  const holds = state?.digest === digest;
  if (at < 0 && !holds) return null;
  const later = moves.slice(0, Math.max(at, 0));
  return {
    svc,
    channel: name,
    holds,
    pinnedAt: moves[at]?.at ?? state?.changedAt ?? '',
    replacedAt: holds ? null : (later.at(-1)?.at ?? null),
    newerPins: new Set(later.map(({ to }) => to).filter((to) => to !== null)).size,
  };
}

async function readEvidence(ledger: FakeLedger, digest: Digest): Promise<AllowFacts['evidence']> {
  const releases = (await ledger.listReleases({ limit: ALL })).filter(
    (one) => one.digest === digest,
  );
  const gates = ['provenance', 'sbom', 'scan', 'signature'] as const;
  return gates.flatMap((gate) => {
    const found = ledger.verdicts.findLast(
      ({ releaseId, verdict }) =>
        verdict.gate === gate && releases.some((one) => one.releaseId === releaseId),
    );
    if (!found) return [];
    const { outcome, reasons } = found.verdict;
    return [{ gate, outcome, reasons, at: found.at, releaseId: found.releaseId }];
  });
}

async function readLedger(
  { ledger, services, contents }: Parts,
  digest: Digest,
): Promise<Pick<AllowFacts, 'pins' | 'bad' | 'homes' | 'evidence'>> {
  const asked = services.toSorted().flatMap((svc) => CHANNELS.map((channel) => ({ svc, channel })));
  const pins = await Promise.all(
    asked.map(async ({ svc, channel }) => pinOf(ledger, svc, channel, digest)),
  );
  const bad = await Promise.all(services.map(async (svc) => ledger.findBad(svc, digest)));
  const releases = await ledger.listReleases({ limit: ALL });
  const homes = [
    ...releases.filter((one) => one.digest === digest).map(({ repository }) => repository),
    ...[...contents.tags.values()]
      .filter((one) => one.digest === digest && one.writeOnce)
      .map(({ repository }) => repository),
  ];
  const byName = (one: ChannelPin, two: ChannelPin): number =>
    `${one.svc} ${one.channel}` < `${two.svc} ${two.channel}` ? -1 : 1;
  return {
    pins: pins.filter((pin) => pin !== null).sort(byName),
    bad: bad.filter((one) => one !== null).map(({ svc, reason }) => ({ svc, reason })),
    homes: [...new Set(homes)].sort(),
    evidence: await readEvidence(ledger, digest),
  };
}

async function readFacts(
  parts: Parts,
  entries: Entries,
  { repository, digest }: ImageRef,
): Promise<Omit<AllowFacts, 'revision' | 'holds'>> {
  const family = new Set([
    digest,
    ...reach(parts.contents, digest, 'parents'),
    ...reach(parts.contents, digest, 'children'),
  ]);
  const quarantined = (await parts.quarantine.open()).filter((one) => family.has(one.digest));
  const grants = entries.grants.filter(
    (one) => one.digest === digest && one.repository === repository && one.revokedAt === null,
  );
  return {
    ...(await readLedger(parts, digest)),
    grants: grants
      .toReversed()
      .sort((one, two) => Date.parse(two.expiresAt) - Date.parse(one.expiresAt))
      .map(toGrant),
    denials: entries
      .openDenials()
      .filter((one) => family.has(one.digest))
      .map(toDenial),
    quarantines: quarantined.map(({ digest: cause, actor: by, ...one }) => {
      const { reason, cves, at, graceUntil, expiresAt } = one;
      return { digest, cause, reason, cves, by, at, graceUntil, expiresAt };
    }),
  };
}

/** Reads the other fakes, so that a test changes them as the product would. `tell` stands for their notifications. */
export function createFakeAllowList(given: FakeAllowListParts = {}): FakeAllowList {
  const contents = given.contents ?? new FakeContents();
  const parts: Parts = {
    contents,
    ledger: given.ledger ?? createFakeLedger(),
    quarantine: given.quarantine ?? createFakeQuarantine(contents),
    services: given.services ?? ['shop'],
  };
  const entries = new Entries(given.nowMs ?? Date.now);
  const holds = new Holds(given.nowMs ?? Date.now);
  const listeners = new Set<() => void>();
  let revision = 1;
  const changed = <T>(answer: T): Promise<T> => {
    revision += 1;
    for (const listener of listeners) listener();
    return Promise.resolve(answer);
  };
  const list: AllowList & Pick<FakeAllowList, 'tell'> = {
    addGrant: async (grant) => changed(entries.addGrant(grant)),
    revokeGrant: async (id, actor, reason, at) => {
      entries.revokeGrant(id, actor, reason, at);
      return changed(entries.grants.find((one) => one.id === id) ?? null);
    },
    getGrant: (id) => Promise.resolve(entries.grants.find((one) => one.id === id) ?? null),
    listGrants: ({ all = false, limit }) =>
      Promise.resolve((all ? entries.grants : entries.openGrants()).toReversed().slice(0, limit)),
    addDenial: async (denial) => changed(entries.addDenial(denial)),
    liftDenial: async (...asked) => changed(entries.liftDenial(...asked)),
    listDenials: ({ all = false, limit }) =>
      Promise.resolve((all ? entries.denials : entries.openDenials()).toReversed().slice(0, limit)),
    listDenied: () => Promise.resolve(spreadDenials(entries.openDenials(), contents)),
    addHold: async (hold) => changed(holds.add(hold)),
    releaseHold: async (id, actor, reason, at) => {
      holds.release(id, actor, reason, at);
      return changed(holds.all.find((one) => one.id === id) ?? null);
    },
    listHolds: ({ all = false, digests, limit }) =>
      Promise.resolve(
        (all ? holds.all : holds.open())
          .filter((one) => digests === undefined || digests.includes(one.digest))
          .toReversed()
          .slice(0, limit),
      ),
    facts: async (image) => ({
      ...(await readFacts(parts, entries, image)),
      holds: holds.factsOf(image.digest),
      revision,
    }),
    revisions: () => Promise.resolve({ allowList: revision, evidence: 1 }),
    watch: (onChange, signal) => {
      if (signal.aborted) return;
      listeners.add(onChange);
      signal.addEventListener('abort', () => listeners.delete(onChange), { once: true });
      onChange();
    },
    tell: async () => changed(undefined),
  };
  return withCallFaults(list);
}
