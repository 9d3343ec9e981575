import {
  importInventory,
  type ImportDeps,
  type ImportedRepository,
} from '../../../activities/import-inventory';
import { createCatalogInventorySource } from '../../../src/adapters/oci/catalog-inventory';
import type { Digest } from '../../../src/domain/digest';
import { UNKNOWN_ACTOR } from '../../../src/domain/registry/drift';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';

const APP = 'apps/shop/shop';
const TAG = '1.0.0_abc1234';
const ABSENT: Digest = `sha256:${'0'.repeat(64)}`;
const NEVER = new AbortController().signal;
const HIDDEN = expect.stringContaining('without a tag') as string;

let fakes: FakeDeps;
let deps: ImportDeps;

beforeEach(async () => {
  fakes = await createFakeDeps();
  const { catalog, inventory, now } = fakes;
  deps = { catalog, inventory, now, source: createCatalogInventorySource({ catalog }) };
});

async function runImport(after?: string): Promise<readonly ImportedRepository[]> {
  const told: ImportedRepository[] = [];
  await importInventory(deps, NEVER, after === undefined ? {} : { after }, (one) => {
    told.push(one);
  });
  return told;
}

describe('importInventory', () => {
  it('records tags and all below them as pushed by nobody known', async () => {
    const digest = fakes.catalog.push({ repository: APP, index: true }, TAG);

    expect(await runImport()).toEqual([
      { repository: APP, tags: 1, manifests: 2, faults: [HIDDEN] },
    ]);
    expect(await fakes.inventory.getTag(APP, TAG)).toMatchObject({
      ...{ digest, pushedBy: UNKNOWN_ACTOR, writeOnce: true },
    });
    expect((await fakes.inventory.readRepository(APP)).manifests).toHaveLength(2);
  });

  it('records nothing twice, and does not undo what the gateway has recorded since', async () => {
    fakes.catalog.push({ repository: APP, user: '1' }, TAG);
    await runImport();
    const moved = fakes.catalog.push({ repository: APP, user: '2' }, TAG);

    expect(await runImport()).toEqual([
      { repository: APP, tags: 0, manifests: 1, faults: [HIDDEN] },
    ]);
    expect((await fakes.inventory.getTag(APP, TAG))?.digest).not.toBe(moved);
  });

  it('leaves channels to the reconcile', async () => {
    fakes.catalog.push({ repository: 'channels/prod/shop' }, 'stable');

    expect(await runImport()).toMatchObject([{ tags: 0, manifests: 1 }]);
  });

  it('goes on after a repository', async () => {
    fakes.catalog.push({ repository: APP }, TAG);
    fakes.catalog.push({ repository: 'apps/shop/web' }, TAG);

    expect((await runImport(APP)).map(({ repository }) => repository)).toEqual(['apps/shop/web']);
  });

  it('says what it could not record, and records the rest', async () => {
    fakes.catalog.push({ repository: APP }, TAG);
    deps = {
      ...deps,
      source: {
        read: async (sink, signal, progress) => {
          const row = { artifactType: null, size: 1, subject: null, pending: false };
          const times = { pushedAtMs: null, lastPulledAtMs: null };
          sink.manifest({ repository: APP, digest: ABSENT, mediaType: 'x', ...row, ...times });
          return createCatalogInventorySource(fakes).read(sink, signal, progress);
        },
      },
    };

    const [told] = await runImport();

    expect(told).toMatchObject({ tags: 1, manifests: 1 });
    expect(told?.faults).toContainEqual(expect.stringContaining(ABSENT));
  });

  it('stops when the ledger is away', async () => {
    fakes.catalog.push({ repository: APP }, TAG);
    fakes.inventory.fail('LEDGER_UNAVAILABLE', 1, 'beginPush');

    await expect(runImport()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});
