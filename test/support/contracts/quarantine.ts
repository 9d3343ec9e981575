import { SYSTEM_ACTOR } from '../../../src/domain/actor';
import type { Digest } from '../../../src/domain/digest';
import type { Inventory } from '../../../src/ports/inventory';
import type { Quarantine, QuarantineEntry } from '../../../src/ports/quarantine';
import { child, pushed, pushOf } from './inventory-builders';
import { A, B, C, digestOf, T0, T1 } from './ledger-builders';

export interface QuarantineUnderTest {
  readonly quarantine: Quarantine;
  readonly inventory: Inventory;
  /** The ledger's question. */
  isQuarantined(digest: Digest): Promise<boolean>;
  /** Some channel points at it from now on. */
  run(digest: Digest): Promise<void>;
  close(): Promise<void>;
}

const FAR = '2999-01-01T00:00:00.000Z';
const FARTHER = '2999-01-02T00:00:00.000Z';
const PAST = '2020-01-01T00:00:00.000Z';

type NewEntry = Parameters<Quarantine['add']>[0];

export function entryOf(over: Partial<NewEntry> = {}): NewEntry {
  return {
    digest: A,
    reason: 'vulnerable',
    cves: ['CVE-2026-0001'],
    actor: 'erin',
    at: T0,
    graceUntil: null,
    expiresAt: null,
    ...over,
  };
}

const OPEN = { liftedAt: null, liftedBy: null, liftReason: null };
const digests = (entries: readonly QuarantineEntry[]): readonly Digest[] =>
  entries.map((one) => one.digest);

/** What every quarantine must do. `open` gives an empty one; it is closed after each test. */
export function describeQuarantine(name: string, open: () => Promise<QuarantineUnderTest>): void {
  describe(`quarantine contract: ${name}`, () => {
    let under: QuarantineUnderTest;
    let quarantine: Quarantine;
    let inventory: Inventory;

    beforeEach(async () => {
      under = await open();
      ({ quarantine, inventory } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    describe('entries', () => {
      it('hold a digest until they are lifted, with who and why', async () => {
        const added = await quarantine.add(entryOf({ graceUntil: FAR }));

        expect(added).toEqual({ ...entryOf({ graceUntil: FAR }), ...OPEN });
        expect(await quarantine.get(A)).toEqual(added);
        expect(await under.isQuarantined(A)).toBe(true);

        expect(await quarantine.lift(A, 'frank', 'false alarm', T1)).toBe(true);
        expect(await quarantine.get(A)).toBeNull();
        expect(await under.isQuarantined(A)).toBe(false);
        expect(await quarantine.list({ all: true, limit: 10 })).toEqual([
          { ...added, liftedAt: T1, liftedBy: 'frank', liftReason: 'false alarm' },
        ]);
      });

      it('are lifted once; only the same call again says so again', async () => {
        await quarantine.add(entryOf());
        await quarantine.lift(A, 'frank', 'false alarm', T1);

        expect(await quarantine.lift(A, 'frank', 'false alarm', T1)).toBe(true);
        expect(await quarantine.lift(A, 'grace', 'me too', T1)).toBe(false);
        expect(await quarantine.lift(B, 'frank', 'false alarm', T1)).toBe(false);
      });

      it('keep the first reason, with the CVE ids of both in order', async () => {
        await quarantine.add(
          entryOf({ cves: ['CVE-2026-0002', 'CVE-2026-0001', 'CVE-2026-0002'] }),
        );

        const second = await quarantine.add(
          entryOf({
            reason: 'again',
            actor: 'frank',
            at: T1,
            cves: ['CVE-2026-0003', 'CVE-2026-0001'],
          }),
        );

        const cves = ['CVE-2026-0002', 'CVE-2026-0001', 'CVE-2026-0003'];
        expect(second).toEqual({ ...entryOf({ cves }), ...OPEN });
        expect(await quarantine.get(A)).toEqual(second);
      });

      it("are a person's from their word on, where the system had one", async () => {
        const actor = SYSTEM_ACTOR.subject;
        await quarantine.add(entryOf({ actor, reason: 'advisory CVE-2026-0001' }));

        const taken = await quarantine.add(entryOf({ actor: 'frank', reason: 'breach', at: T1 }));
        const again = await quarantine.add(entryOf({ actor, reason: 'advisory', at: T1 }));

        expect(taken).toEqual({ ...entryOf({ actor: 'frank', reason: 'breach' }), ...OPEN });
        expect(again).toEqual(taken);
        expect(await quarantine.lift(A, actor, 'not affected', T1, actor)).toBe(false);
        expect(await quarantine.get(A)).toEqual(taken);
        expect(await quarantine.lift(A, actor, 'not affected', T1, 'frank')).toBe(true);
      });

      it.each([
        ['no end', FAR, null, null],
        ['no end before', null, FAR, null],
        ['the later end', FAR, FARTHER, FARTHER],
        ['the later end before', FARTHER, FAR, FARTHER],
      ])('added twice have %s', async (_name, first, second, expected) => {
        await quarantine.add(entryOf({ expiresAt: first }));

        const both = await quarantine.add(entryOf({ expiresAt: second }));

        expect(both.expiresAt).toBe(expected);
      });

      it.each([
        ['no grace', FAR, null, null],
        ['no grace as before', null, FAR, null],
        ['the shorter grace', FARTHER, FAR, FAR],
      ])('added twice have %s', async (_name, first, second, expected) => {
        await quarantine.add(entryOf({ graceUntil: first }));

        const both = await quarantine.add(entryOf({ graceUntil: second }));

        expect(both.graceUntil).toBe(expected);
      });

      it('are one entry with all CVE ids when many add the digest at once', async () => {
        await Promise.all(
          Array.from({ length: 20 }, async (_, index) =>
            quarantine.add(entryOf({ cves: [`CVE-2026-1${index}`] })),
          ),
        );

        const entries = await quarantine.list({ all: true, limit: 100 });

        expect(entries).toHaveLength(1);
        expect(entries[0]?.cves).toHaveLength(20);
      });

      it('end by themselves', async () => {
        await quarantine.add(entryOf({ expiresAt: PAST }));
        await quarantine.add(entryOf({ digest: B, expiresAt: FAR }));

        expect(await quarantine.get(A)).toBeNull();
        expect(await under.isQuarantined(A)).toBe(false);
        expect(await under.isQuarantined(B)).toBe(true);
        expect(await quarantine.lift(A, 'frank', 'too late', T1)).toBe(false);
        expect(digests(await quarantine.list({ limit: 10 }))).toEqual([B]);
      });

      it('make room for a new one once they ended', async () => {
        await quarantine.add(entryOf({ expiresAt: PAST }));

        const second = await quarantine.add(entryOf({ reason: 'again', cves: [] }));

        expect(second).toEqual({ ...entryOf({ reason: 'again', cves: [] }), ...OPEN });
        expect(await under.isQuarantined(A)).toBe(true);
        expect(await quarantine.list({ all: true, limit: 10 })).toHaveLength(2);
      });

      it('make room for a new one once they were lifted', async () => {
        await quarantine.add(entryOf());
        await quarantine.lift(A, 'frank', 'false alarm', T1);

        await quarantine.add(entryOf({ reason: 'no, it was not' }));

        expect(await under.isQuarantined(A)).toBe(true);
        expect(await quarantine.list({ all: true, limit: 10 })).toHaveLength(2);
      });

      it('are listed newest first, up to the limit', async () => {
        for (const digest of [A, B, C]) await quarantine.add(entryOf({ digest }));
        await quarantine.lift(B, 'frank', 'false alarm', T1);

        expect(digests(await quarantine.list({ limit: 10 }))).toEqual([C, A]);
        expect(digests(await quarantine.list({ all: true, limit: 2 }))).toEqual([C, B]);
      });
    });

    it('knows what runs by the channels', async () => {
      await under.run(A);

      expect(await quarantine.isRunning(A)).toBe(true);
      expect(await quarantine.isRunning(B)).toBe(false);
    });

    it('finds a digest, the indexes around it and the manifests in it, with their tags', async () => {
      const [index, outer, sibling] = [digestOf('index'), digestOf('outer'), digestOf('sibling')];
      const untagged = { tag: null, writeOnce: false };
      await pushed(inventory, { ...untagged, digest: A });
      await pushed(inventory, { ...untagged, digest: sibling });
      await pushed(inventory, { digest: index, edges: [child(A), child(sibling)] });
      await pushed(inventory, { digest: outer, repository: 'apps/all/all', edges: [child(index)] });
      await pushed(inventory, {
        digest: index,
        repository: 'channels/prod/shop',
        tag: 'stable',
        writeOnce: false,
      });
      await inventory.beginPush(pushOf({ digest: digestOf('pending'), edges: [child(A)] }));

      const around = await quarantine.places(index);
      const ofChild = await quarantine.places(A);

      const web = 'apps/shop/web';
      const byDigest = (one: { digest: string }, two: { digest: string }): number =>
        one.digest < two.digest ? -1 : 1;
      expect(around).toEqual([
        { repository: 'apps/all/all', digest: outer, tags: ['1.0.0_abc1234'] },
        ...[
          { repository: web, digest: A, tags: [] },
          { repository: web, digest: index, tags: ['1.0.0_abc1234'] },
          { repository: web, digest: sibling, tags: [] },
        ].sort(byDigest),
        { repository: 'channels/prod/shop', digest: index, tags: ['stable'] },
      ]);
      expect(new Set(ofChild.map((one) => one.digest))).toEqual(new Set([A, index, outer]));
      expect(await quarantine.places(digestOf('none'))).toEqual([]);
    });
  });
}
