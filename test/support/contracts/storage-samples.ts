import fc from 'fast-check';
import { BREAKDOWNS, type GroupFigures } from '../../../src/domain/accounting/figures';
import type { Digest } from '../../../src/domain/digest';
import type { Channel } from '../../../src/domain/reference';
import type { Inventory, InventoryEdge } from '../../../src/ports/inventory';
import type { Ledger } from '../../../src/ports/ledger';
import type { StorageSamples } from '../../../src/ports/storage-samples';
import { child, layer, pushed } from './inventory-builders';
import { digestOf, moveOf, STABLE, T0, T1 } from './ledger-builders';

export interface StorageSamplesUnderTest {
  readonly samples: StorageSamples;
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  close(): Promise<void>;
}

const IMAGE_TYPE = 'application/vnd.oci.image.config.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const TAR = 'application/vnd.oci.image.layer.v1.tar+gzip';
const SHOP = 'apps/shop/web';
const CART = 'apps/cart/web';
const DEV: Channel = { env: 'dev', tag: 'candidate' };

export const PLACES = [
  { repository: SHOP, service: 'shop', team: 'front' },
  { repository: CART, service: 'cart', team: 'front' },
  { repository: 'channels/prod/shop', service: 'shop', team: 'front' },
];

function configOf(name: string): InventoryEdge {
  return { ...layer(`config of ${name}`, 10), kind: 'config', mediaType: IMAGE_TYPE };
}

/** Sizes: manifest 100, config 10, and what the layers say. */
export async function pushImage(
  inventory: Inventory,
  repository: string,
  name: string,
  layers: Readonly<Record<string, number>>,
): Promise<Digest> {
  const { digest } = await pushed(inventory, {
    ...{ repository, digest: digestOf(`image ${name}`), size: 100 },
    ...{ tag: `t-${name}`, writeOnce: false },
    edges: [
      configOf(name),
      ...Object.entries(layers).map(([seed, size]) => ({
        ...layer(seed, size),
        mediaType: TAR,
      })),
    ],
  });
  return digest;
}

let moves = 0;

export async function pinTo(
  ledger: Ledger,
  svc: string,
  channel: Channel,
  digest: Digest,
  at: string = T0,
): Promise<void> {
  moves += 1;
  const expected = (await ledger.getChannel(svc, channel))?.digest ?? null;
  const epoch = (await ledger.currentEpoch(svc)) + 1;
  const move = moveOf({ svc, channel, expected, next: digest, epoch, idempotencyKey: `m${moves}` });
  await ledger.beginMove(move);
  await ledger.completeMove(move, at);
}

/** What every count of storage must do. `open` gives an empty one; it is closed after each test. */
export function describeStorageSamples(
  name: string,
  open: () => Promise<StorageSamplesUnderTest>,
): void {
  describe(`storage samples contract: ${name}`, () => {
    let under: StorageSamplesUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    const take = (day = '2026-11-30', at = '2026-11-30T06:00:00.000Z') =>
      under.samples.take({ day, at, places: PLACES });
    const group = async (by: GroupFigures['by'], of: string): Promise<GroupFigures | undefined> =>
      (await under.samples.groups('2026-11-30', { by, name: of, limit: 1 }))[0];

    it('counts each content once, and says who alone holds it', async () => {
      await pushImage(under.inventory, SHOP, 'one', { base: 1000, one: 7 });
      await pushImage(under.inventory, SHOP, 'two', { base: 1000, two: 70 });
      await pushImage(under.inventory, CART, 'three', { base: 1000, three: 700 });
      await under.inventory.recordBlob('bases/go', digestOf('left over'), 5, 'alice', T0);

      const { totals } = await take();

      expect(await under.samples.repositories()).toEqual([CART, SHOP, 'bases/go']);
      expect(totals).toMatchObject({
        storageBytes: 1000 + 3 * 110 + 777 + 5,
        logicalBytes: 3 * 1110 + 777,
        ...{ reclaimableBytes: null, repositories: 3, manifests: 3, tags: 3, digests: 3 },
        ...{ contents: 11, images: { '-': 3, dev: 0, stg: 0, prod: 0 } },
      });
      expect(await group('repository', SHOP)).toEqual({
        ...{ by: 'repository', name: SHOP, logicalBytes: 2220 + 77, uniqueBytes: 297 },
        ...{ sharedBytes: 1000, reclaimableBytes: null, manifests: 2, tags: 2, contents: 7 },
        images: { '-': 2, dev: 0, stg: 0, prod: 0 },
      });
      expect(await group('team', 'front')).toMatchObject({ uniqueBytes: 2107, sharedBytes: 0 });
      expect(await group('service', '-')).toMatchObject({ uniqueBytes: 5, logicalBytes: 0 });
    });

    it('takes what is in an index and attached to it along to where the index got', async () => {
      const { inventory, ledger } = under;
      const amd = await pushImage(inventory, SHOP, 'amd', { amd: 50 });
      await pushImage(inventory, SHOP, 'alone', { amd: 50 });
      const { digest } = await pushed(inventory, {
        ...{ repository: SHOP, digest: digestOf('index'), mediaType: INDEX, size: 40 },
        edges: [child(amd)],
      });
      await pushed(inventory, {
        ...{ repository: SHOP, digest: digestOf('sbom'), size: 3, subject: amd, tag: null },
        ...{ writeOnce: false, artifactType: 'application/vnd.cyclonedx+json' },
        edges: [layer('document', 20)],
      });
      await pinTo(ledger, 'shop', STABLE, digest);
      await pinTo(ledger, 'shop', DEV, digest);
      await pinTo(ledger, 'shop', STABLE, digestOf('elsewhere'), T1);

      const { totals } = await take();

      expect(totals.images).toEqual({ '-': 1, dev: 0, stg: 0, prod: 1 });
      const prod = { logicalBytes: 40 + 160 + 23, uniqueBytes: 40 + 110 + 23, sharedBytes: 50 };
      expect(await group('environment', 'prod')).toMatchObject({ ...prod, manifests: 3, tags: 2 });
      expect(await group('environment', '-')).toMatchObject({ uniqueBytes: 110, sharedBytes: 50 });
      expect(await group('environment', 'dev')).toBeUndefined();
    });

    it('knows an image from paper, and leaves out what was not taken', async () => {
      const paper = { ...layer('statement'), mediaType: 'application/vnd.in-toto+json' };
      const of = { repository: SHOP, writeOnce: false };
      await pushed(under.inventory, {
        ...{ ...of, digest: digestOf('signature'), tag: null },
        edges: [configOf('signature'), paper],
      });
      await pushed(under.inventory, {
        ...of,
        digest: digestOf('scratch'),
        tag: 'scratch',
        edges: [configOf('scratch')],
      });
      await under.inventory.beginPush({
        ...{ ...of, id: 'late', digest: digestOf('late'), tag: 'late', actor: 'a', at: T0 },
        ...{ mediaType: 'application/m', artifactType: null, size: 9999, subject: null, edges: [] },
      });

      const { totals } = await take();

      expect(totals).toMatchObject({ manifests: 2, images: { '-': 1, dev: 0, stg: 0, prod: 0 } });
      expect(totals.storageBytes).toBe(2 * 1024 + 7 + 20);
    });

    it('keeps one sample a day, the later one', async () => {
      expect(await under.samples.newest()).toBeNull();
      await take('2026-11-28', '2026-11-28T06:00:00.000Z');
      await take();
      await pushImage(under.inventory, SHOP, 'one', { base: 1000 });

      const again = await take('2026-11-30', '2026-11-30T18:00:00.000Z');

      expect(await under.samples.newest()).toEqual(again);
      expect(again).toMatchObject({ day: '2026-11-30', at: '2026-11-30T18:00:00.000Z' });
      expect(await under.samples.days('2026-11-01')).toEqual([
        { day: '2026-11-28', storageBytes: 0 },
        { day: '2026-11-30', storageBytes: 1110 },
      ]);
      expect(await under.samples.days('2026-11-29')).toHaveLength(1);
      expect(await under.samples.groups('2026-11-28', { by: 'service', limit: 9 })).toEqual([]);
    });

    it('names the largest groups first', async () => {
      await pushImage(under.inventory, SHOP, 'one', { one: 1 });
      await pushImage(under.inventory, CART, 'two', { two: 2 });
      await take();

      const names = async (limit: number): Promise<readonly string[]> =>
        (await under.samples.groups('2026-11-30', { by: 'service', limit })).map((one) => one.name);

      expect(await names(9)).toEqual(['cart', 'shop']);
      expect(await names(1)).toEqual(['cart']);
    });

    it('adds up in every breakdown, whatever is pushed where', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(PUSH, { minLength: 1, maxLength: 6 }), async (pushes) => {
          for (const { repository, layers, env } of pushes) {
            const of = Object.fromEntries(layers.map((size) => [`layer ${size}`, size]));
            const image = `image of ${layers.join()}`;
            const digest = await pushImage(under.inventory, repository, image, of);
            if (env) await pinTo(under.ledger, 'shop', { env, tag: 'candidate' }, digest);
          }

          const { totals } = await take();

          for (const by of BREAKDOWNS) {
            const groups = await under.samples.groups('2026-11-30', { by, limit: 100 });
            const sum = (of: keyof GroupFigures): number =>
              groups.reduce((all, one) => all + Number(one[of]), 0);
            expect(sum('logicalBytes')).toBe(totals.logicalBytes);
            expect(sum('manifests')).toBe(totals.manifests);
            expect(sum('tags')).toBe(totals.tags);
            expect(sum('uniqueBytes')).toBeLessThanOrEqual(totals.storageBytes);
            expect(sum('uniqueBytes') + sum('sharedBytes')).toBeGreaterThanOrEqual(
              totals.storageBytes,
            );
          }
        }),
        { numRuns: 8 },
      );
    });
  });
}

/** An image is its layers, as a digest is its content. */
export const PUSH = fc.record({
  repository: fc.constantFrom(SHOP, CART, 'channels/prod/shop', 'scratch/play'),
  layers: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
  env: fc.constantFrom(null, 'dev', 'stg', 'prod'),
});
