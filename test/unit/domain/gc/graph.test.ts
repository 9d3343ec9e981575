import fc from 'fast-check';
import { DigestTable } from '../../../../src/domain/gc/digest-table';
import type { Digest } from '../../../../src/domain/digest';
import { digestOf, SampleRegistry } from '../../../support/gc/sample-registry';

const WEB = 'apps/shop/web';
const fallback = (name: string): string => digestOf(name).replace(':', '-');

describe('what stays with what', () => {
  it('keeps the children of an index, and what is attached to them', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'amd64')
      .manifest(WEB, 'index', { children: ['amd64'] })
      .manifest(WEB, 'sbom', { subject: 'amd64' })
      .manifest(WEB, 'signature of the sbom', { subject: 'sbom' })
      .manifest(WEB, 'loose')
      .root('index');

    expect(registry.goes()).toEqual(['loose']);
  });

  it('keeps the index and its signature where a cluster runs one of its children', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'amd64')
      .manifest(WEB, 'arm64')
      .manifest(WEB, 'index', { children: ['amd64', 'arm64'] })
      .manifest(WEB, 'signature')
      .tag(WEB, `${fallback('index')}.sig`, 'signature')
      .tag(WEB, '1.0.0_3f2a91c', 'index')
      .root('amd64');

    expect(registry.goes()).toEqual([]);
  });

  it('lets an index go where only a tag keeps its child', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'amd64')
      .manifest(WEB, 'index', { children: ['amd64'] })
      .tag(WEB, '1.0.0_3f2a91c', 'amd64', { pushed: 1.5 });

    expect(registry.goes()).toEqual(['index']);
  });

  it.each([
    ['tagged', (one: SampleRegistry) => one.tag(WEB, '1.0.0_3f2a91c', 'signature', { pushed: 2 })],
    ['a root', (one: SampleRegistry) => one.root('signature', 'hold', 'incident 12')],
  ])('keeps the subject of a referrer that is %s', (_, keep) => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'image')
      .manifest(WEB, 'signature', { subject: 'image' });

    expect(keep(registry).goes()).toEqual([]);
  });

  it('lets an image go with its evidence, the tag of the evidence after the image', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'image')
      .manifest(WEB, 'signature', { subject: 'image' })
      .manifest(WEB, 'referrers', { children: ['signature'] })
      .tag(WEB, '1.0.0_3f2a91c', 'image')
      .tag(WEB, fallback('image'), 'referrers');

    expect(registry.goes()).toEqual([
      '1.0.0_3f2a91c',
      'image',
      fallback('image'),
      'referrers',
      'signature',
    ]);
  });

  it('keeps evidence of a digest that only another repository has, while it is there', () => {
    const registry = new SampleRegistry()
      .manifest('scratch/signatures', 'signature', { subject: 'image' })
      .manifest(WEB, 'image')
      .tag(WEB, '1.0.0_3f2a91c', 'image', { pushed: 2 });

    expect(registry.goes()).toEqual([]);
  });

  it('comes to an end where manifests name each other', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'a', { children: ['b'], subject: 'b' })
      .manifest(WEB, 'b', { children: ['a'], subject: 'a' })
      .manifest(WEB, 'self', { children: ['self'], subject: 'self' });

    expect([...registry.goes()].sort()).toEqual(['a', 'b', 'self']);
  });

  it('frees only what nothing else names, in no repository', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'old', { layers: ['own', 'shared', 'shared'] })
      .manifest('scratch/mine', 'old', { layers: ['own', 'shared', 'shared'], pushed: 0.5 })
      .manifest(WEB, 'older', { layers: ['alone', 'shared'] });

    const { items, totals } = registry.plan();

    expect(items.map(({ bytes }) => bytes).sort()).toEqual([0, 1010]);
    expect(totals).toMatchObject({ freeBytes: 1010, freeBlobs: 1, deleteManifests: 2 });
  });

  it('plans one repository alone, and still knows the others', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'web', { layers: ['shared'] })
      .manifest('scratch/mine', 'mine', { layers: ['shared'] });

    const { items, totals } = registry.plan({}, { repository: WEB });

    expect(items.map(({ repository, bytes }) => [repository, bytes])).toEqual([[WEB, 10]]);
    expect(totals.manifests).toBe(2);
  });
});

describe('what is not known', () => {
  it.each([
    ['a source did not answer', (one: SampleRegistry) => one.withoutSource('no answer from prod')],
    [
      'nothing could be read whole',
      (one: SampleRegistry) => one.gap({ repository: null, digest: null, reason: 'cut off' }),
    ],
  ])('plans nothing when %s', (_, blind) => {
    const registry = new SampleRegistry().manifest(WEB, 'loose').tag(WEB, '1.0.0_3f2a91c', 'loose');

    const plan = blind(registry).plan();

    expect(plan.items).toEqual([]);
    expect(plan.unknown).toHaveLength(1);
  });

  it('plans nothing of a repository that could not be read, and frees none of its blobs', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'loose')
      .manifest('scratch/mine', 'mine')
      .gap({ repository: WEB, digest: null, reason: 'denied' });

    expect(registry.goes()).toEqual(['mine']);
    expect(registry.plan().unknown).toEqual([`${WEB}: denied`]);
  });

  it('plans no manifest where one could not be read that may name it', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'loose')
      .manifest(WEB, 'image')
      .tag(WEB, '1.0.0_3f2a91c', 'image')
      .gap({ repository: WEB, digest: digestOf('broken'), reason: 'not JSON' });

    expect(registry.goes()).toEqual(['1.0.0_3f2a91c']);
  });

  it('keeps and names an index whose child is missing, and a tag whose manifest is', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'index', { children: ['nowhere'] })
      .tag(WEB, '1.0.0_3f2a91c', 'nothing');

    const plan = registry.plan();

    expect(plan.items).toEqual([]);
    expect(plan.unknown).toEqual([
      `${WEB}:1.0.0_3f2a91c: the inventory lacks the manifest that it points at`,
      `${WEB}@${digestOf('index')}: it names a manifest that the inventory lacks`,
    ]);
  });

  it('names a hundred, and counts all', () => {
    const registry = new SampleRegistry();
    for (let at = 0; at < 150; at++) registry.manifest(WEB, `image ${at}`, { pushed: null });

    const plan = registry.plan();

    expect(plan.unknown).toHaveLength(100);
    expect(plan.unknownCount).toBe(150);
  });
});

describe('digests as numbers', () => {
  const digest = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes): Digest => `sha256:${Buffer.from(bytes).toString('hex')}`);

  it('are the same from bytes, whatever number is thought likely', () => {
    const guessed = fc.array(fc.tuple(fc.nat(19), fc.nat(30)), { maxLength: 60 });

    fc.assert(
      fc.property(
        fc.uniqueArray(digest, { minLength: 20, maxLength: 20 }),
        guessed,
        (all, rows) => {
          const [told, read] = [new DigestTable(), new DigestTable()];

          for (const [at, likely] of rows) {
            const text = all[at]!;
            const bytes = new DataView(new TextEncoder().encode(`x${text}`).buffer);

            const id = told.add(text);

            expect(read.addHex(bytes, 'xsha256:'.length, likely)).toBe(id);
            // As where a table is told again in its order.
            expect(read.addHex(bytes, 'xsha256:'.length, id)).toBe(id);
          }
          expect(read.length).toBe(told.length);
        },
      ),
    );
  });

  it('are the digests that went in, each once', () => {
    fc.assert(
      fc.property(fc.array(digest, { maxLength: 60 }), (digests) => {
        const table = new DigestTable();

        const ids = digests.map((one) => table.add(one));

        expect(ids.map((id) => table.text(id))).toEqual(digests);
        expect(digests.map((one) => table.get(one))).toEqual(ids);
        expect(table.length).toBe(new Set(digests).size);
        expect(table.get(digestOf('another'))).toBe(-1);
      }),
    );
  });
});
