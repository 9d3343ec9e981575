import type { FreezeRule } from '../../../src/domain/freeze';
import { MAX_FREEZES, type Freeze, type Freezes } from '../../../src/ports/freezes';
import { codeOf, T0, T1 } from './ledger-builders';

export interface FreezesUnderTest {
  readonly freezes: Freezes;
  close(): Promise<void>;
}

export function freezeOf(over: Partial<FreezeRule> = {}): FreezeRule {
  return {
    name: 'weekend',
    scope: { svc: null, environments: ['stg', 'prod'] },
    schedule: {
      kind: 'recurring',
      rule: 'FREQ=WEEKLY;BYDAY=FR',
      start: '2026-01-02T18:00:00',
      timeZone: 'UTC',
      duration: 'PT62H',
      except: ['2026-04-03'],
    },
    reason: 'nobody on call',
    createdBy: 'carol',
    createdAt: T0,
    ...over,
  };
}

const SHOP = { svc: 'shop', environments: ['prod'] } as const;
const OPEN = { deletedAt: null, deletedBy: null, deleteReason: null };
const namesOf = (freezes: readonly Freeze[]): readonly string[] => freezes.map((one) => one.name);

/** What every store of freezes must do. `open` gives an empty one; it is closed after each test. */
export function describeFreezes(name: string, open: () => Promise<FreezesUnderTest>): void {
  describe(`freezes contract: ${name}`, () => {
    let under: FreezesUnderTest;
    let freezes: Freezes;

    beforeEach(async () => {
      under = await open();
      ({ freezes } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    describe('freezes', () => {
      it('are kept as they were added', async () => {
        const once = { kind: 'once', from: T0, to: T1, timeZone: null } as const;

        const added = await freezes.add(freezeOf());
        const second = await freezes.add(freezeOf({ name: 'once', scope: SHOP, schedule: once }));

        expect(added).toEqual({ ...freezeOf(), ...OPEN });
        expect(await freezes.get('weekend')).toEqual(added);
        expect(await freezes.get('once')).toEqual(second);
        expect(await freezes.get('other')).toBeNull();
      });

      it('added again with the same content are the first, with other content refused', async () => {
        const first = await freezes.add(freezeOf());

        expect(await freezes.add(freezeOf({ createdAt: T1 }))).toEqual(first);
        expect(await codeOf(freezes.add(freezeOf({ reason: 'other' })))).toBe('FREEZE_EXISTS');
        expect(await codeOf(freezes.add(freezeOf({ scope: SHOP })))).toBe('FREEZE_EXISTS');
        expect(await freezes.list({ limit: 10 })).toEqual([first]);
      });

      it('are one when many add it at once', async () => {
        const added = await Promise.all(
          Array.from({ length: 8 }, async () => codeOf(freezes.add(freezeOf()))),
        );

        expect(new Set(added)).toEqual(new Set(['fulfilled']));
        expect(await freezes.list({ limit: 10 })).toHaveLength(1);
      });

      it('are removed once, with who and why; only the same call again says so again', async () => {
        await freezes.add(freezeOf());

        expect(await freezes.remove('weekend', 'dave', 'on call again', T1)).toBe(true);
        expect(await freezes.remove('weekend', 'dave', 'on call again', T1)).toBe(true);
        expect(await freezes.remove('weekend', 'erin', 'me too', T1)).toBe(false);
        expect(await freezes.get('weekend')).toBeNull();
        expect(await freezes.list({ limit: 10 })).toEqual([]);
        expect(await freezes.list({ all: true, limit: 10 })).toEqual([
          { ...freezeOf(), deletedAt: T1, deletedBy: 'dave', deleteReason: 'on call again' },
        ]);
      });

      it('make room for another of the same name', async () => {
        await freezes.add(freezeOf());
        await freezes.remove('weekend', 'dave', 'on call again', T1);

        const second = await freezes.add(freezeOf({ reason: 'again' }));

        expect(await freezes.get('weekend')).toEqual(second);
        expect(await freezes.list({ all: true, limit: 10 })).toHaveLength(2);
      });

      it('are listed newest first, up to the limit, of a service with those of all', async () => {
        await freezes.add(freezeOf({ name: 'all' }));
        await freezes.add(freezeOf({ name: 'shop', scope: SHOP }));
        await freezes.add(freezeOf({ name: 'cart', scope: { ...SHOP, svc: 'cart' } }));

        expect(namesOf(await freezes.list({ limit: 10 }))).toEqual(['cart', 'shop', 'all']);
        expect(namesOf(await freezes.list({ limit: 2 }))).toEqual(['cart', 'shop']);
        expect(namesOf(await freezes.list({ svc: 'shop', limit: 10 }))).toEqual(['shop', 'all']);
      });

      it('are never so many that one could be left out of a decision', async () => {
        for (let number = 0; number < MAX_FREEZES; number += 1) {
          await freezes.add(freezeOf({ name: `f${number}` }));
        }

        expect(await codeOf(freezes.add(freezeOf({ name: 'more' })))).toBe('INVALID_INPUT');
        expect((await freezes.covering('shop')).freezes).toHaveLength(MAX_FREEZES);
      });
    });

    describe('the line', () => {
      const stop = { svc: null, reason: 'incident 4711', by: 'carol', at: T0 };
      const shopStop = { svc: 'shop', reason: 'bad data', by: 'dave', at: T1 };

      it('is stopped until it is resumed, for all and for a service apart', async () => {
        expect(await freezes.stop(stop)).toEqual(stop);
        expect(await freezes.stop(shopStop)).toEqual(shopStop);
        expect(await freezes.stops()).toEqual([stop, shopStop]);

        expect(await freezes.resume(null, 'erin', 'over', T1)).toBe(true);
        expect(await freezes.stops()).toEqual([shopStop]);
        expect(await freezes.resume('shop', 'erin', 'repaired', T1)).toBe(true);
        expect(await freezes.stops()).toEqual([]);
      });

      it('keeps its first stop', async () => {
        await freezes.stop(stop);

        expect(await freezes.stop({ ...stop, reason: 'mine', by: 'dave', at: T1 })).toEqual(stop);
        expect(await freezes.stops()).toEqual([stop]);
      });

      it('is stopped once when many stop it at once', async () => {
        await Promise.all(
          Array.from({ length: 8 }, async (_, one) => freezes.stop({ ...stop, by: `by ${one}` })),
        );

        expect(await freezes.stops()).toHaveLength(1);
      });

      it('is resumed once; only the same call again says so again', async () => {
        await freezes.stop(stop);
        await freezes.resume(null, 'erin', 'over', T1);

        expect(await freezes.resume(null, 'erin', 'over', T1)).toBe(true);
        expect(await freezes.resume(null, 'dave', 'over', T1)).toBe(false);
        expect(await freezes.resume('shop', 'erin', 'over', T1)).toBe(false);
      });

      it('can be stopped again', async () => {
        await freezes.stop(stop);
        await freezes.resume(null, 'erin', 'over', T1);

        const again = { ...stop, reason: 'it is not', at: T1 };

        expect(await freezes.stop(again)).toEqual(again);
      });
    });

    it('says all that covers a service, and nothing else', async () => {
      await freezes.add(freezeOf({ name: 'all' }));
      await freezes.add(freezeOf({ name: 'shop', scope: SHOP }));
      await freezes.add(freezeOf({ name: 'cart', scope: { ...SHOP, svc: 'cart' } }));
      await freezes.add(freezeOf({ name: 'gone' }));
      await freezes.remove('gone', 'dave', 'x', T1);
      await freezes.stop({ svc: 'cart', reason: 'x', by: 'carol', at: T0 });
      await freezes.stop({ svc: 'shop', reason: 'y', by: 'carol', at: T0 });

      const shop = await freezes.covering('shop');
      const other = await freezes.covering('other');

      expect(namesOf(shop.freezes)).toEqual(['all', 'shop']);
      expect(shop.stops).toEqual([{ svc: 'shop', reason: 'y', by: 'carol', at: T0 }]);
      expect(namesOf(other.freezes)).toEqual(['all']);
      expect(other.stops).toEqual([]);
    });
  });
}
