import { MAX_HOLDS, type AllowList } from '../../../src/ports/allow-list';
import { holdOf } from './allow-list';
import { A, B, codeOf, T0, T1 } from './ledger-builders';

const FAR = '2999-01-01T00:00:00.000Z';
const PAST = '2026-01-03T00:00:00.000Z';
const NOT_RELEASED = { releasedAt: null, releasedBy: null, releaseReason: null };
const ids = (list: readonly { readonly id: string }[]): readonly string[] =>
  list.map(({ id }) => id);

/** Holds of digests: a part of the allow-list's contract. */
export function describeHolds(allowListUnderTest: () => AllowList): void {
  describe('holds', () => {
    let allowList: AllowList;

    beforeEach(() => {
      allowList = allowListUnderTest();
    });

    it('are several of a digest, each of an id that keeps its first content', async () => {
      const first = await allowList.addHold(holdOf());
      const again = await allowList.addHold(holdOf({ reason: 'another' }));
      await allowList.addHold(holdOf({ id: 'h-2', repository: null, until: FAR }));

      expect(first).toEqual({ ...holdOf(), ...NOT_RELEASED });
      expect(again).toEqual(first);
      expect(await allowList.listHolds({ limit: 10 })).toEqual([
        { ...holdOf({ id: 'h-2', repository: null, until: FAR }), ...NOT_RELEASED },
        first,
      ]);
    });

    it('end when they are released, by the first who does, and none beside them', async () => {
      await allowList.addHold(holdOf());
      await allowList.addHold(holdOf({ id: 'h-2' }));

      const released = await allowList.releaseHold('h-1', 'frank', 'closed', T1);
      const again = await allowList.releaseHold('h-1', 'erin', 'late', FAR);

      expect(released).toMatchObject({
        releasedAt: T1,
        releasedBy: 'frank',
        releaseReason: 'closed',
      });
      expect(again).toEqual(released);
      expect(await allowList.releaseHold('h-9', 'frank', 'none', T1)).toBeNull();
      expect(ids(await allowList.listHolds({ limit: 10 }))).toEqual(['h-2']);
      expect(ids(await allowList.listHolds({ all: true, limit: 10 }))).toEqual(['h-2', 'h-1']);
    });

    it('are listed of some digests too', async () => {
      await allowList.addHold(holdOf());
      await allowList.addHold(holdOf({ id: 'h-2', digest: B }));

      expect(ids(await allowList.listHolds({ digests: [B], limit: 10 }))).toEqual(['h-2']);
      expect(ids(await allowList.listHolds({ digests: [A, B], limit: 10 }))).toEqual([
        'h-2',
        'h-1',
      ]);
      expect(await allowList.listHolds({ digests: [], limit: 10 })).toEqual([]);
    });

    it('end by themselves', async () => {
      await allowList.addHold(holdOf({ until: PAST }));

      expect(await allowList.listHolds({ limit: 10 })).toEqual([]);
    });

    it('are refused above the most that a decision reads', async () => {
      for (let number = 0; number < MAX_HOLDS; number += 1) {
        await allowList.addHold(holdOf({ id: `h-${number}` }));
      }

      expect(await codeOf(allowList.addHold(holdOf({ id: 'more' })))).toBe('INVALID_INPUT');
      expect(await codeOf(allowList.addHold(holdOf({ id: 'h-0' })))).toBe('fulfilled');
      expect(await codeOf(allowList.addHold(holdOf({ id: 'other', digest: B, at: T0 })))).toBe(
        'fulfilled',
      );
    });
  });
}
