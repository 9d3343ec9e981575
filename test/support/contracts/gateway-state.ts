import type { Digest } from '../../../src/domain/digest';
import type { Block } from '../../../src/domain/registry/quarantine';
import type { GatewayState, Spread } from '../../../src/ports/gateway-state';
import type { Inventory } from '../../../src/ports/inventory';
import type { Quarantine } from '../../../src/ports/quarantine';
import type { Robots } from '../../../src/ports/robots';
import { child, pushed, pushOf } from './inventory-builders';
import { A, B, C, digestOf, T0, T1 } from './ledger-builders';
import { entryOf } from './quarantine';
import { hashOf, robotOf } from './robots';

export interface GatewayStateUnderTest {
  readonly state: GatewayState;
  readonly robots: Robots;
  readonly quarantine: Quarantine;
  readonly inventory: Inventory;
  close(): Promise<void>;
}

const FAR = '2999-01-01T00:00:00.000Z';
const FARTHER = '2999-01-02T00:00:00.000Z';
const PAST = '2020-01-01T00:00:00.000Z';
const NOT: Spread = { parents: false, children: false };
const UP: Spread = { parents: true, children: false };
const DOWN: Spread = { parents: false, children: true };
const BOTH: Spread = { parents: true, children: true };
const INDEX = digestOf('index');
const OUTER = digestOf('outer');
const SIBLING = digestOf('sibling');

/** What every source of a gateway's decisions must do. `open` gives an empty one; it is closed after each test. */
export function describeGatewayState(
  name: string,
  open: () => Promise<GatewayStateUnderTest>,
): void {
  describe(`gateway state contract: ${name}`, () => {
    let under: GatewayStateUnderTest;
    let state: GatewayState;

    beforeEach(async () => {
      under = await open();
      state = under.state;
    });

    afterEach(async () => {
      await under.close();
    });

    const blocksOf = async (spread: Spread): Promise<readonly Block[]> => {
      const { blocks } = await state.read(spread);
      expect(await state.readBlocks(spread)).toEqual(blocks);
      return blocks;
    };
    const causes = async (spread: Spread): Promise<ReadonlyMap<Digest, Digest>> =>
      new Map((await blocksOf(spread)).map((one) => [one.digest, one.cause]));

    describe('robots', () => {
      it('come with the secrets that still work', async () => {
        await under.robots.create(robotOf(), hashOf('s1'));
        await under.robots.rotate('builder', hashOf('s2'), FAR, T1);
        await under.robots.setDisabled('builder', T1);

        const { robots } = await state.read(NOT);

        expect(robots).toEqual([
          {
            ...robotOf(),
            disabledAt: T1,
            rotatedAt: T1,
            lastUsedAt: null,
            secrets: [
              { hash: hashOf('s2'), validUntil: null },
              { hash: hashOf('s1'), validUntil: FAR },
            ],
          },
        ]);
      });
    });

    describe('blocks', () => {
      /** OUTER holds INDEX in another repository, INDEX holds A and SIBLING. */
      async function pushTree(): Promise<void> {
        const { inventory } = under;
        const untagged = { tag: null, writeOnce: false };
        await pushed(inventory, { ...untagged, digest: A });
        await pushed(inventory, { ...untagged, digest: SIBLING });
        await pushed(inventory, { digest: INDEX, edges: [child(A), child(SIBLING)] });
        await pushed(inventory, {
          digest: OUTER,
          repository: 'apps/all/all',
          edges: [child(INDEX)],
        });
      }

      it('say why, since when and until when', async () => {
        await under.quarantine.add(entryOf({ graceUntil: FAR, expiresAt: FARTHER }));

        expect(await blocksOf(BOTH)).toEqual([
          {
            digest: A,
            cause: A,
            reason: 'vulnerable',
            cves: ['CVE-2026-0001'],
            by: 'erin',
            at: T0,
            graceUntil: FAR,
            expiresAt: FARTHER,
          },
        ]);
      });

      it('are gone when lifted or expired', async () => {
        await pushTree();
        await under.quarantine.add(entryOf({ expiresAt: PAST }));
        await under.quarantine.add(entryOf({ digest: B }));
        await under.quarantine.lift(B, 'frank', 'false alarm', T1);

        expect(await blocksOf(BOTH)).toEqual([]);
      });

      it('reach the indexes around a manifest, at any depth and in any repository, not its siblings', async () => {
        await pushTree();
        await under.quarantine.add(entryOf());

        expect(await causes(NOT)).toEqual(new Map([[A, A]]));
        expect(await causes(DOWN)).toEqual(new Map([[A, A]]));
        const up = new Map([
          [A, A],
          [INDEX, A],
          [OUTER, A],
        ]);
        expect(await causes(UP)).toEqual(up);
        expect(await causes(BOTH)).toEqual(up);
      });

      it('reach the manifests in an index, at any depth, not the other indexes around those', async () => {
        await pushTree();
        const other = digestOf('other index');
        await pushed(under.inventory, { tag: null, digest: other, edges: [child(A)] });
        await under.quarantine.add(entryOf({ digest: OUTER }));

        expect(await causes(UP)).toEqual(new Map([[OUTER, OUTER]]));
        const down = new Map([
          [OUTER, OUTER],
          [INDEX, OUTER],
          [A, OUTER],
          [SIBLING, OUTER],
        ]);
        expect(await causes(DOWN)).toEqual(down);
        expect(await causes(BOTH)).toEqual(down);
      });

      it('do not follow layers, configs or subjects', async () => {
        const layer = { kind: 'layer', digest: A, size: 1, mediaType: 'x' } as const;
        await pushed(under.inventory, { digest: B, subject: A, edges: [layer] });
        await under.quarantine.add(entryOf());

        expect(await causes(BOTH)).toEqual(new Map([[A, A]]));
      });

      it('reach an index before the registry has taken it', async () => {
        await under.quarantine.add(entryOf());

        await under.inventory.beginPush(pushOf({ digest: INDEX, edges: [child(A)] }));

        expect([...(await causes(UP)).keys()]).toContain(INDEX);
      });

      it('end in a circle of indexes', async () => {
        await pushed(under.inventory, { tag: null, digest: A, edges: [child(B), child(A)] });
        await pushed(under.inventory, { tag: null, digest: B, edges: [child(A)] });
        await under.quarantine.add(entryOf());

        expect([...(await causes(BOTH)).keys()].sort()).toEqual([A, B].sort());
      });

      it('where causes meet: name its own or the first, with the latest end and the shortest grace', async () => {
        await pushTree();
        const { quarantine } = under;
        await quarantine.add(entryOf({ digest: SIBLING, graceUntil: FARTHER, expiresAt: FAR }));
        await quarantine.add(entryOf({ digest: A, graceUntil: FAR, expiresAt: FARTHER }));
        await quarantine.add(entryOf({ digest: OUTER, reason: 'own', expiresAt: FAR }));

        const blocks = new Map((await blocksOf(UP)).map((one) => [one.digest, one]));

        expect(blocks.size).toBe(4);
        expect(blocks.get(INDEX)).toMatchObject({
          cause: SIBLING,
          graceUntil: FAR,
          expiresAt: FARTHER,
        });
        expect(blocks.get(OUTER)).toMatchObject({
          cause: OUTER,
          reason: 'own',
          graceUntil: null,
          expiresAt: FARTHER,
        });
      });

      it('go with the index that held the digest', async () => {
        await pushTree();
        await under.quarantine.add(entryOf());

        await under.inventory.recordManifestDelete('apps/all/all', OUTER, 'system', T1);

        expect([...(await causes(UP)).keys()].sort()).toEqual([A, INDEX].sort());
      });
    });

    describe('mode', () => {
      const closed = { pushes: 'closed', reason: 'cleaning', by: 'erin', since: T0 } as const;

      it('is open at first', async () => {
        expect((await state.read(NOT)).mode).toMatchObject({ pushes: 'open', until: null });
      });

      it('is what was set last', async () => {
        await state.setMode({ ...closed, until: FAR });
        expect((await state.read(NOT)).mode).toEqual({ ...closed, until: FAR });

        await state.setMode({ ...closed, pushes: 'open', until: null });
        expect((await state.read(NOT)).mode).toEqual({ ...closed, pushes: 'open', until: null });
      });

      it('is replaced only where it is still the same', async () => {
        const mode = { ...closed, until: FAR };
        const open = { ...closed, pushes: 'open', until: null } as const;
        await state.setMode(mode);

        expect(await state.replaceMode({ ...mode, since: T1 }, open)).toBe(false);
        expect(await state.replaceMode({ ...mode, by: 'olga' }, open)).toBe(false);
        expect((await state.read(NOT)).mode).toEqual(mode);
        expect(await state.replaceMode(mode, { ...open, since: T1 })).toBe(true);
        expect((await state.read(NOT)).mode).toEqual({ ...open, since: T1 });
        expect(await state.replaceMode(mode, open)).toBe(false);
      });

      it('opens by itself', async () => {
        await state.setMode({ ...closed, until: PAST });

        expect((await state.read(NOT)).mode).toMatchObject({ pushes: 'open', until: null });
      });
    });

    describe('watch', () => {
      it('tells when it begins to listen and when the mode changes, until its signal', async () => {
        const watching = new AbortController();
        const heard = listen(watching.signal, state);
        await heard.next();

        await state.setMode({ pushes: 'closed', reason: 'x', by: 'erin', since: T0, until: null });
        await heard.next();
        watching.abort();
        await state.setMode({ pushes: 'open', reason: '', by: 'erin', since: T0, until: null });
        await under.quarantine.add(entryOf({ digest: C }));

        expect(heard.count()).toBe(2);
      });

      it('says nothing to a signal that is over', async () => {
        const heard = listen(AbortSignal.abort(), state);

        await state.setMode({ pushes: 'open', reason: '', by: 'erin', since: T0, until: null });

        expect(heard.count()).toBe(0);
      });
    });
  });
}

/** Counts what a watch tells; `next` waits for one more than was waited for so far. */
export function listen(
  signal: AbortSignal,
  state: Pick<GatewayState, 'watch'>,
): { next(): Promise<void>; count(): number } {
  let told = 0;
  let waited = 0;
  let wake = (): void => undefined;
  state.watch(() => {
    told += 1;
    wake();
  }, signal);
  return {
    next: async () => {
      waited += 1;
      while (told < waited) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    count: () => told,
  };
}
