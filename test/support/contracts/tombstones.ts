import type { Tombstone, Tombstones } from '../../../src/ports/tombstones';
import { A, B, T0, T1 } from './ledger-builders';

export interface TombstonesUnderTest {
  readonly tombstones: Tombstones;
  close(): Promise<void>;
}

const T2 = '2026-01-02T04:00:00.000Z';
const REPOSITORY = 'apps/shop/web';

function tombstoneOf(over: Partial<Tombstone> = {}): Tombstone {
  return {
    repository: REPOSITORY,
    digest: A,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    bytes: Buffer.from('{"schemaVersion":2}\n\0\u{1F4E6}'),
    tags: ['1.0.0_abc1234'],
    planId: 'gc-1',
    deletedAt: T0,
    ...over,
  };
}

/** What every store of tombstones must do. `open` gives an empty one; it is closed after each test. */
export function describeTombstones(name: string, open: () => Promise<TombstonesUnderTest>): void {
  describe(`tombstones contract: ${name}`, () => {
    let under: TombstonesUnderTest;
    let tombstones: Tombstones;

    beforeEach(async () => {
      under = await open();
      ({ tombstones } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    it('keep a manifest byte by byte, in its repository', async () => {
      await tombstones.bury(tombstoneOf());

      expect(await tombstones.find(REPOSITORY, A)).toEqual(tombstoneOf());
      expect(await tombstones.find('apps/shop/other', A)).toBeNull();
      expect(await tombstones.find(REPOSITORY, B)).toBeNull();
      const { bytes, ...rest } = tombstoneOf();
      expect(await tombstones.list({ limit: 10 })).toEqual([
        { ...rest, size: bytes.length, state: 'buried', stateAt: T0, stateBy: 'gc-1' },
      ]);
    });

    it('bury once, and add the tags of later calls', async () => {
      await tombstones.bury(tombstoneOf());

      await tombstones.bury(tombstoneOf({ tags: ['edge', '1.0.0_abc1234'], deletedAt: T1 }));

      const found = await tombstones.find(REPOSITORY, A);
      expect(found).toMatchObject({ tags: ['1.0.0_abc1234', 'edge'], deletedAt: T0 });
    });

    it('forget what was not deleted after all, and keep what was', async () => {
      const ours = { repository: REPOSITORY, digest: A, planId: 'gc-1' };
      await tombstones.bury(tombstoneOf({ tags: ['one'] }));
      await tombstones.bury(tombstoneOf({ tags: ['two'] }));

      await tombstones.exhume(ours, 'two');
      await tombstones.exhume(ours, null);
      await tombstones.exhume({ ...ours, planId: 'gc-2' }, 'one');
      expect(await tombstones.find(REPOSITORY, A)).toMatchObject({ tags: ['one'] });

      await tombstones.exhume(ours, 'one');
      expect(await tombstones.find(REPOSITORY, A)).toBeNull();
      expect(await tombstones.list({ limit: 10 })).toEqual([]);
    });

    it('find the newest that can be put back; one that was put back is found no more', async () => {
      await tombstones.bury(tombstoneOf());
      await tombstones.bury(tombstoneOf({ planId: 'gc-2', deletedAt: T1, tags: [] }));
      expect((await tombstones.find(REPOSITORY, A))?.planId).toBe('gc-2');

      await tombstones.markRestored(REPOSITORY, A, 'ana', T2);

      expect(await tombstones.find(REPOSITORY, A)).toBeNull();
      const listed = await tombstones.list({ state: 'restored', limit: 10 });
      expect(listed.map(({ planId, stateBy, stateAt }) => [planId, stateBy, stateAt])).toEqual([
        ['gc-2', 'ana', T2],
        ['gc-1', 'ana', T2],
      ]);
      await tombstones.bury(tombstoneOf({ deletedAt: T2 }));
      expect(await tombstones.find(REPOSITORY, A)).toMatchObject({ deletedAt: T2 });
    });

    it('give up what was buried before a reclaim began, and nothing later', async () => {
      await tombstones.bury(tombstoneOf());
      await tombstones.bury(tombstoneOf({ digest: B, deletedAt: T2 }));

      expect(await tombstones.markReclaimed(T1, 'gc', T2)).toBe(1);

      expect(await tombstones.markReclaimed(T1, 'gc', T2)).toBe(0);
      expect(await tombstones.find(REPOSITORY, A)).toBeNull();
      expect(await tombstones.find(REPOSITORY, B)).not.toBeNull();
      expect(await tombstones.list({ state: 'reclaimed', limit: 10 })).toMatchObject([
        { digest: A, stateBy: 'gc', stateAt: T2 },
      ]);
      expect(await tombstones.list({ repository: 'apps/shop/other', limit: 10 })).toEqual([]);
      expect(await tombstones.list({ limit: 1 })).toMatchObject([{ digest: B }]);
    });
  });
}
