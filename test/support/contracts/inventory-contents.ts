import type { Inventory, RegistryEvent } from '../../../src/ports/inventory';
import {
  child,
  layer,
  manifestOf,
  pushed,
  pushOf,
  REPOSITORY,
  TAG,
  type InventoryUnderTest,
} from './inventory-builders';
import { A, B, C, digestOf, T0, T1 } from './ledger-builders';

const MOVING = { repository: 'channels/prod/shop', tag: 'stable', writeOnce: false } as const;

/** What the inventory says the registry holds. */
export function describeContents(under: () => InventoryUnderTest): void {
  let inventory: Inventory;

  beforeEach(() => {
    ({ inventory } = under());
  });

  describe('what was pushed', () => {
    it('is seen only once the registry took it', async () => {
      const push = pushOf({ edges: [layer('l1')] });
      await inventory.beginPush(push);

      expect(await inventory.getTag(REPOSITORY, TAG)).toBeNull();
      expect(await inventory.getManifest(REPOSITORY, A)).toBeNull();
      expect(await inventory.listRepositories({ limit: 10 })).toEqual([]);
      expect((await inventory.readRepository(REPOSITORY)).manifests).toEqual([]);

      await inventory.completePush(push);
      expect(await inventory.getTag(REPOSITORY, TAG)).toEqual({
        repository: REPOSITORY,
        tag: TAG,
        digest: A,
        pushedBy: 'builder',
        pushedAt: T0,
        lastPulledAt: null,
        writeOnce: true,
      });
      expect(await inventory.getManifest(REPOSITORY, A)).toEqual(manifestOf(push));
      expect(await inventory.listRepositories({ limit: 10 })).toEqual([REPOSITORY]);
    });

    it('is never seen when the registry refused it', async () => {
      const refused = pushOf({ edges: [layer('l1')] });
      await inventory.beginPush(refused);
      await inventory.abandonPush(refused);

      expect(await inventory.getManifest(REPOSITORY, A)).toBeNull();
      expect(await inventory.readRepository(REPOSITORY)).toEqual({
        repository: REPOSITORY,
        tags: [],
        manifests: [],
      });
    });

    it('stays seen when it is pushed again and that is refused', async () => {
      const first = await pushed(inventory, { edges: [layer('l1')] });
      const again = pushOf({ tag: '1.0.1_abc1234', edges: [layer('l1')] });
      await inventory.beginPush(again);
      expect(await inventory.getManifest(REPOSITORY, A)).toEqual(manifestOf(first));

      await inventory.abandonPush(again);

      expect(await inventory.getManifest(REPOSITORY, A)).toEqual(manifestOf(first));
    });

    it('is recorded whole when its begin is unknown, as the reconcile does', async () => {
      const found = pushOf({ edges: [layer('l1')], artifactType: 'application/x', subject: B });

      await inventory.completePush(found);

      expect(await inventory.getManifest(REPOSITORY, A)).toEqual(manifestOf(found));
      expect((await inventory.getTag(REPOSITORY, TAG))?.digest).toBe(A);
      expect((await inventory.beginPush(pushOf({ digest: B }))).kind).toBe('taken');
    });

    it('keeps edges in order, repeated ones too, and the sizes of blobs', async () => {
      const config = {
        kind: 'config',
        digest: C,
        size: 3,
        mediaType: 'application/config',
      } as const;
      const edges = [config, layer('z', 9), layer('a', 1), layer('z', 9)];

      await pushed(inventory, { edges });
      await pushed(inventory, { tag: null, digest: B, edges: [child(A)] });

      expect((await inventory.getManifest(REPOSITORY, A))?.edges).toEqual(edges);
      expect(await under().blobsOf(REPOSITORY)).toEqual(
        new Map([
          [C, 3],
          [digestOf('z'), 9],
          [digestOf('a'), 1],
        ]),
      );
    });

    it('believes an upload more than a manifest about the size of a blob', async () => {
      await pushed(inventory, { edges: [layer('l1', 5)] });
      await inventory.recordBlob(REPOSITORY, digestOf('l1'), 6, 'builder', T0);
      await pushed(inventory, { tag: null, digest: B, edges: [layer('l1', 5)] });

      expect(await under().blobsOf(REPOSITORY)).toEqual(new Map([[digestOf('l1'), 6]]));
    });

    it('survives many pushes at once that share their layers', async () => {
      const layers = Array.from({ length: 12 }, (_, index) => layer(`shared ${index}`));
      const pushes = Array.from({ length: 40 }, (_, index) =>
        pushOf({
          digest: digestOf(`image ${index % 20}`),
          tag: `1.0.${index}_abc1234`,
          edges: [...layers.slice(index % 12), ...layers.slice(0, index % 12)],
        }),
      );

      await Promise.all(
        pushes.map(async (push) => {
          expect(await inventory.beginPush(push)).toEqual({ kind: 'claimed' });
          await inventory.completePush(push);
        }),
      );

      expect((await inventory.readRepository(REPOSITORY)).manifests).toHaveLength(20);
      expect(await inventory.listTags(REPOSITORY, { limit: 100 })).toHaveLength(40);
      expect((await under().blobsOf(REPOSITORY)).size).toBe(12);
    });
  });

  describe('tags', () => {
    it('follow the last push that the registry took', async () => {
      const first = pushOf({ ...MOVING, digest: A });
      const second = pushOf({ ...MOVING, digest: B, at: T1, actor: 'system' });
      await inventory.beginPush(first);
      await inventory.beginPush(second);

      await inventory.completePush(second);
      await inventory.completePush(first);

      expect(await inventory.getTag(MOVING.repository, 'stable')).toMatchObject({
        digest: A,
        pushedBy: 'builder',
        writeOnce: false,
      });
      expect(await under().movesOf(MOVING.repository, 'stable')).toMatchObject([
        { from: null, to: B },
        { from: B, to: A },
      ]);
    });

    it('do not move back when the end of an older push is told again', async () => {
      const first = await pushed(inventory, { ...MOVING, digest: A });
      await pushed(inventory, { ...MOVING, digest: B, at: T1 });

      await inventory.completePush(first);

      expect((await inventory.getTag(MOVING.repository, 'stable'))?.digest).toBe(B);
      expect(await under().movesOf(MOVING.repository, 'stable')).toHaveLength(2);
    });

    it('move back when the older digest is pushed again, under a used id too', async () => {
      const first = await pushed(inventory, { ...MOVING, digest: A });
      await pushed(inventory, { ...MOVING, digest: B, at: T1 });

      await inventory.beginPush(first);
      await inventory.completePush(first);

      expect((await inventory.getTag(MOVING.repository, 'stable'))?.digest).toBe(A);
    });

    it('remember who put the digest there first', async () => {
      await pushed(inventory, MOVING);
      await pushed(inventory, { ...MOVING, at: T1, actor: 'other' });

      const tag = await inventory.getTag(MOVING.repository, 'stable');

      expect(tag).toMatchObject({ pushedBy: 'builder', pushedAt: T0 });
      expect(await under().movesOf(MOVING.repository, 'stable')).toHaveLength(1);
    });

    it('are listed by name, byte by byte, a page at a time', async () => {
      for (const tag of ['b', 'a', 'B', 'a-1', '_x', 'a.1']) {
        await pushed(inventory, { ...MOVING, tag });
      }

      const names = async (page: { after?: string; limit: number }): Promise<string[]> =>
        (await inventory.listTags(MOVING.repository, page)).map((one) => one.tag);

      expect(await names({ limit: 10 })).toEqual(['B', '_x', 'a', 'a-1', 'a.1', 'b']);
      expect(await names({ after: '_x', limit: 2 })).toEqual(['a', 'a-1']);
      expect(await names({ after: 'a0', limit: 10 })).toEqual(['b']);
      expect(await inventory.listTags('apps/none/none', { limit: 10 })).toEqual([]);
    });

    it('are found by what they point at', async () => {
      await pushed(inventory, { ...MOVING, tag: 'one', digest: A });
      await pushed(inventory, { ...MOVING, tag: 'two', digest: B });
      await pushed(inventory, { ...MOVING, tag: 'three', digest: C });

      const tags = await inventory.tagsOf(MOVING.repository, [C, A, digestOf('none')]);

      expect(tags).toEqual(['one', 'three']);
      expect(await inventory.tagsOf(MOVING.repository, [])).toEqual([]);
    });

    it('go when deleted, and a write-once one can never be written again', async () => {
      await pushed(inventory);

      await inventory.recordTagDelete(REPOSITORY, TAG, 'system', T1);
      await inventory.recordTagDelete(REPOSITORY, TAG, 'system', T1);

      expect(await inventory.getTag(REPOSITORY, TAG)).toBeNull();
      expect(await inventory.getManifest(REPOSITORY, A)).not.toBeNull();
      expect((await inventory.beginPush(pushOf({ digest: B }))).kind).toBe('taken');
      expect(await under().movesOf(REPOSITORY, TAG)).toMatchObject([
        { from: null, to: A },
        { from: A, to: null },
      ]);
    });
  });

  describe('manifests', () => {
    it('go with all tags that pointed at them, in their repository only', async () => {
      await pushed(inventory);
      await pushed(inventory, { tag: '1.0.1_abc1234' });
      await pushed(inventory, { tag: '1.0.2_abc1234', digest: B });
      await pushed(inventory, MOVING);

      await inventory.recordManifestDelete(REPOSITORY, A, 'system', T1);
      await inventory.recordManifestDelete(REPOSITORY, A, 'system', T1);

      expect(await inventory.getManifest(REPOSITORY, A)).toBeNull();
      const { tags, manifests } = await inventory.readRepository(REPOSITORY);
      expect(tags.map((one) => one.tag)).toEqual(['1.0.2_abc1234']);
      expect(manifests).toEqual([B]);
      expect((await inventory.getTag(MOVING.repository, 'stable'))?.digest).toBe(A);
      expect((await inventory.beginPush(pushOf({ digest: B }))).kind).toBe('taken');
    });

    it('come back whole when pushed again', async () => {
      await pushed(inventory, { edges: [layer('l1')] });
      await inventory.recordManifestDelete(REPOSITORY, A, 'system', T1);

      const again = await pushed(inventory, { edges: [layer('l1')] });

      expect(await inventory.getManifest(REPOSITORY, A)).toEqual(manifestOf(again));
    });

    it('survive a delete that comes between the begin and the end of a push of theirs', async () => {
      await pushed(inventory, { edges: [layer('l1')] });
      const again = pushOf({ edges: [layer('l1')] });
      await inventory.beginPush(again);
      await inventory.recordManifestDelete(REPOSITORY, A, 'system', T1);

      await inventory.completePush(again);

      expect(await inventory.getManifest(REPOSITORY, A)).toEqual(manifestOf(again));
      expect((await inventory.getTag(REPOSITORY, TAG))?.digest).toBe(A);
    });

    it('are found by their subject, in the repository, once the registry took them', async () => {
      const artifact = { tag: null, writeOnce: false, subject: A, artifactType: 'application/x' };
      const first = await pushed(inventory, { ...artifact, digest: B });
      const second = await pushed(inventory, { ...artifact, digest: C, at: T1 });
      await pushed(inventory, { ...artifact, digest: digestOf('d'), repository: 'apps/cart/web' });
      await inventory.beginPush(pushOf({ ...artifact, digest: digestOf('e') }));

      const referrers = await inventory.listReferrers(REPOSITORY, A);

      expect(referrers).toEqual([manifestOf(first), manifestOf(second)]);
      expect(await inventory.listReferrers(REPOSITORY, B)).toEqual([]);
    });
  });

  describe('indexes', () => {
    it('are found by what they hold, in the repository, once the registry took them', async () => {
      const index = { tag: null, writeOnce: false, edges: [child(A), layer('l1'), child(A)] };
      await pushed(inventory, { ...index, digest: B });
      await pushed(inventory, { ...index, digest: C });
      await pushed(inventory, { ...index, digest: digestOf('d'), repository: 'apps/cart/web' });
      await inventory.beginPush(pushOf({ ...index, digest: digestOf('e') }));

      expect(await inventory.listParents(REPOSITORY, A)).toEqual([B, C].sort());
      expect(await inventory.listParents(REPOSITORY, digestOf('l1'))).toEqual([]);
    });
  });

  describe('repositories', () => {
    it('are listed by name while they hold a manifest, a page at a time', async () => {
      for (const repository of ['b/x', 'a/x', 'a/x-y', 'a/x/y']) {
        await pushed(inventory, { repository, tag: null });
      }
      await inventory.recordManifestDelete('a/x', A, 'system', T1);
      await inventory.recordBlob('c/x', B, 3, 'builder', T0);

      expect(await inventory.listRepositories({ limit: 10 })).toEqual(['a/x-y', 'a/x/y', 'b/x']);
      expect(await inventory.listRepositories({ after: 'a/x-y', limit: 1 })).toEqual(['a/x/y']);
    });
  });

  describe('reads', () => {
    it('leave the newest time on a tag, whatever their order; unknown ones are ignored', async () => {
      await pushed(inventory, MOVING);
      const { repository } = MOVING;
      const read = { repository, tag: 'stable', digest: A };

      await inventory.recordActivity([
        { ...read, at: T0 },
        { ...read, at: T1 },
        { ...read, at: T0 },
        { ...read, tag: 'none', at: T1 },
        { repository: 'apps/none/none', tag: null, digest: B, at: T1 },
        { repository, tag: null, digest: A, at: '2027-01-01T00:00:00.000Z' },
      ]);
      await inventory.recordActivity([{ ...read, at: T0 }]);
      await inventory.recordActivity([]);

      expect((await inventory.getTag(repository, 'stable'))?.lastPulledAt).toBe(T1);
    });

    it('of many gateways at once do not stand in each other’s way', async () => {
      const tags = Array.from({ length: 20 }, (_, index) => `t${index}`);
      await Promise.all(tags.map(async (tag) => pushed(inventory, { ...MOVING, tag })));
      const batch = tags.map((tag) => ({ ...MOVING, tag, digest: A, at: T1 }));

      await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          inventory.recordActivity([...batch.slice(index), ...batch.slice(0, index)]),
        ),
      );

      const listed = await inventory.listTags(MOVING.repository, { limit: 100 });
      expect(new Set(listed.map((one) => one.lastPulledAt))).toEqual(new Set([T1]));
    });
  });

  describe('events', () => {
    const event: RegistryEvent = {
      kind: 'pull-blocked',
      repository: REPOSITORY,
      reference: TAG,
      actor: 'runtime',
      at: T0,
      detail: { cves: ['CVE-2026-0001'], size: 3, reason: 'öh' },
    };

    it('are listed newest first, by kind, up to the limit', async () => {
      await inventory.recordEvent(event);
      await inventory.recordEvent({ ...event, kind: 'push-refused' });
      await inventory.recordEvent({ ...event, reference: 'second' });

      const blocked = await inventory.listEvents({ kind: 'pull-blocked', limit: 10 });

      expect(blocked).toEqual([{ ...event, reference: 'second' }, event]);
      expect(await inventory.listEvents({ limit: 2 })).toEqual([
        { ...event, reference: 'second' },
        { ...event, kind: 'push-refused' },
      ]);
    });
  });
}
