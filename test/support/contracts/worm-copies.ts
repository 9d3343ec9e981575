import type { WormItem, WormOrder } from '../../../src/domain/worm/manifest';
import type { Sealed, WormCopies } from '../../../src/ports/worm-copies';
import { A, B, C, T0, T1 } from './ledger-builders';

const LOCK = '2999-01-01T00:00:00.000Z';
const LONGER = '2999-06-01T00:00:00.000Z';

function copyOf(over: Partial<WormOrder> = {}): WormOrder {
  return {
    id: 'copy-1',
    digest: A,
    repository: 'apps/shop/shop',
    reason: 'incident 4711',
    by: 'erin',
    requestedAt: T0,
    lockUntil: LOCK,
    ...over,
  };
}

const LAYER: WormItem = {
  digest: B,
  size: 3_000_000_000,
  role: 'layer',
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  artifactType: null,
  subject: null,
  repository: 'apps/shop/shop',
};
const SIGNATURE: WormItem = {
  ...LAYER,
  digest: C,
  role: 'manifest',
  artifactType: 'x/y',
  subject: A,
};
const LEGACY = { repository: 'apps/shop/shop', tag: 'sha256-aa.sig', digest: C };
const SEALED: Sealed = {
  lockUntil: LOCK,
  objects: 2,
  bytes: 3_000_000_010,
  manifest: { key: 'copies/copy-1/manifest.json', version: 'v9', digest: B },
  at: T1,
};

/** What every record of incident copies must do. */
export function describeWormCopies(name: string, open: () => Promise<WormCopies>): void {
  describe(`WORM copies contract: ${name}`, () => {
    let copies: WormCopies;

    beforeEach(async () => {
      copies = await open();
    });

    it('a copy keeps its first content, and is found newest first', async () => {
      const begun = await copies.begin(copyOf());
      const again = await copies.begin(copyOf({ reason: 'another' }));
      await copies.begin(copyOf({ id: 'copy-2', digest: B }));

      expect(begun).toEqual({
        ...copyOf(),
        ...{ state: 'copying', objects: 0, bytes: 0, legacyTags: [], manifest: null },
        ...{ verifiedAt: null, problems: [] },
      });
      expect(again).toEqual(begun);
      expect((await copies.list({ limit: 10 })).map(({ id }) => id)).toEqual(['copy-2', 'copy-1']);
      expect(await copies.list({ digest: A, limit: 10 })).toEqual([begun]);
      expect(await copies.get('none')).toBeNull();
    });

    it('steps stay as they are when they are added again, and go when it is sealed', async () => {
      await copies.begin(copyOf());
      await copies.addSteps('copy-1', [LAYER, SIGNATURE], [LEGACY]);
      await copies.stepDone('copy-1', 0, { key: 'blobs/b', version: 'v1' });
      await copies.addSteps('copy-1', [LAYER, SIGNATURE], [LEGACY]);

      const steps = await copies.steps('copy-1');
      await copies.seal('copy-1', SEALED);

      expect(steps).toEqual([
        { ...LAYER, ordinal: 0, stored: { key: 'blobs/b', version: 'v1' } },
        { ...SIGNATURE, ordinal: 1, stored: null },
      ]);
      expect(await copies.steps('copy-1')).toEqual([]);
      expect(await copies.get('copy-1')).toEqual({
        ...copyOf(),
        ...{
          state: 'held',
          objects: 2,
          bytes: 3_000_000_010,
          legacyTags: [LEGACY],
          manifest: SEALED.manifest,
        },
        ...{ verifiedAt: T1, problems: [] },
      });
    });

    it('the first list of contents stays, whatever was attached or is gone when it is made again', async () => {
      await copies.begin(copyOf());
      await copies.addSteps('copy-1', [LAYER, SIGNATURE], [LEGACY]);

      await copies.addSteps('copy-1', [SIGNATURE], []);
      await copies.addSteps('copy-1', [SIGNATURE, LAYER, { ...LAYER, digest: A }], []);

      expect((await copies.steps('copy-1')).map(({ digest }) => digest)).toEqual([B, C]);
      expect(await copies.get('copy-1')).toMatchObject({ legacyTags: [LEGACY] });
    });

    it('no list is made of a copy that is there, or has failed', async () => {
      await copies.begin(copyOf());
      await copies.seal('copy-1', SEALED);
      await copies.begin(copyOf({ id: 'copy-2' }));
      await copies.giveUp('copy-2', 'the store is gone');

      for (const id of ['copy-1', 'copy-2']) await copies.addSteps(id, [LAYER], [LEGACY]);

      expect(await copies.steps('copy-1')).toEqual([]);
      expect(await copies.steps('copy-2')).toEqual([]);
    });

    it('a lock gets longer, never shorter', async () => {
      await copies.begin(copyOf());
      await copies.seal('copy-1', { ...SEALED, lockUntil: LONGER });

      await copies.seal('copy-1', SEALED);

      expect(await copies.get('copy-1')).toMatchObject({ lockUntil: LONGER });
    });

    it('is damaged by what was read back, a longer lock changes nothing, and held when it is whole again', async () => {
      await copies.begin(copyOf());
      await copies.seal('copy-1', SEALED);

      await copies.verified('copy-1', T1, ['blobs/b: it is gone']);
      await copies.seal('copy-1', SEALED);
      const damaged = await copies.get('copy-1');
      await copies.verified('copy-1', T1, []);

      expect(damaged).toMatchObject({ state: 'damaged', problems: ['blobs/b: it is gone'] });
      expect(await copies.get('copy-1')).toMatchObject({ state: 'held', problems: [] });
    });

    it('fails while it is made, and not once it is held', async () => {
      await copies.begin(copyOf());
      await copies.begin(copyOf({ id: 'copy-2' }));
      await copies.seal('copy-2', SEALED);

      await copies.giveUp('copy-1', 'no bucket');
      await copies.giveUp('copy-2', 'no bucket');
      await copies.verified('copy-1', T1, []);

      expect(await copies.get('copy-1')).toMatchObject({
        state: 'failed',
        problems: ['no bucket'],
      });
      expect(await copies.get('copy-2')).toMatchObject({ state: 'held' });
    });
  });
}
