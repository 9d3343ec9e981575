import { OCI_MANIFEST } from '../../../src/adapters/oci/media-types';
import { sha256 } from '../../../src/adapters/oci/schema';
import type { Digest } from '../../../src/domain/digest';
import type { ImageRef } from '../../../src/domain/reference';
import type { RegistryContent } from '../../../src/ports/registry-content';
import { buildTestImage } from '../fakes/registry-image';
import { codeOf } from './ledger-builders';

const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') };

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve();
  yield bytes;
}

/** Blobs, then manifests: as a restore does. */
export async function pushWhole(content: RegistryContent, repository: string): Promise<ImageRef> {
  const image = buildTestImage({ repository, index: true, layers: [Buffer.from(repository)] });
  for (const blob of image.blobs) {
    await content.pushBlob({ repository, digest: sha256(blob) }, once(blob));
  }
  for (const manifest of image.manifests) await content.pushManifest(repository, manifest);
  return { repository, digest: image.digest };
}

/** Something attached, by its subject or, with a tag, as cosign did it once. */
export async function attachTo(
  content: RegistryContent,
  subject: ImageRef,
  what: string,
  tag?: string,
): Promise<Digest> {
  const { repository, digest } = subject;
  const layer = Buffer.from(what);
  for (const blob of [EMPTY.bytes, layer]) {
    await content.pushBlob({ repository, digest: sha256(blob) }, once(blob));
  }
  const size = (await content.getManifest(subject)).bytes.length;
  const named = tag === undefined && { subject: { mediaType: OCI_MANIFEST, digest, size } };
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: 'application/vnd.example.note',
      config: { mediaType: EMPTY.mediaType, digest: sha256(EMPTY.bytes), size: 2 },
      layers: [{ mediaType: 'text/plain', digest: sha256(layer), size: layer.length }],
      ...named,
    }),
  );
  await content.pushManifest(repository, { bytes, mediaType: OCI_MANIFEST }, tag);
  return sha256(bytes);
}

/** What every registry must do for whole copies. */
export function describeRegistryContent(name: string, open: () => RegistryContent): void {
  describe(`registry content contract: ${name}`, () => {
    let content: RegistryContent;
    let number = 0;
    const repository = (): string => `apps/shop/content-${(number += 1)}`;

    beforeEach(() => {
      content = open();
    });

    it('gives an image back as it was pushed', async () => {
      const image = await pushWhole(content, repository());

      const index = await content.getManifest(image);
      const [child] = index.manifests;
      const at = { repository: image.repository, digest: child?.digest ?? image.digest };
      const [layer] = (await content.getManifest(at)).layers;
      const parts: Uint8Array[] = [];
      const blob = { ...image, digest: layer?.digest ?? image.digest };
      for await (const chunk of await content.openBlob(blob)) parts.push(chunk);

      expect(sha256(Buffer.concat(parts))).toBe(layer?.digest);
      expect(await content.hasBlob(blob)).toBe(true);
    });

    it('lists what is attached, by subject and by legacy tag, and what is attached to that', async () => {
      const image = await pushWhole(content, repository());
      const note = await attachTo(content, image, 'note');
      const other = await attachTo(content, image, 'other');
      const tag = `${image.digest.replace(':', '-')}.sig`;
      const legacy = await attachTo(content, image, 'legacy', tag);
      const chained = await attachTo(content, { ...image, digest: note }, 'about the note');

      const attached = await content.listAttached(image);

      const found = attached.map((one) => `${one.digest} ${one.tag ?? ''}`).sort();
      expect(found).toEqual([`${note} `, `${other} `, `${legacy} ${tag}`].sort());
      expect(await content.listAttached({ ...image, digest: note })).toEqual([
        { digest: chained, tag: null },
      ]);
    });

    it('has nothing attached where nothing is', async () => {
      expect(await content.listAttached(await pushWhole(content, repository()))).toEqual([]);
    });

    it('refuses a blob that does not hash to its digest', async () => {
      const digest = sha256(Buffer.from('what it should be'));
      const push = content.pushBlob({ repository: repository(), digest }, once(Buffer.from('no')));

      expect(await codeOf(push)).not.toBe('fulfilled');
    });

    it('says what is not there', async () => {
      const absent = { repository: repository(), digest: sha256(Buffer.from('absent')) };

      expect(await codeOf(content.getManifest(absent))).toBe('DIGEST_NOT_FOUND');
      expect(await codeOf(content.openBlob(absent))).toBe('DIGEST_NOT_FOUND');
      expect(await content.hasBlob(absent)).toBe(false);
    });
  });
}
