import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '../../../src/domain/digest';
import type { AttachInput, Registry } from '../../../src/ports/registry';
import type { TestImageInput } from '../fakes/registry-image';

export interface RegistryUnderTest {
  readonly registry: Registry;
  readonly pushImage: (input: TestImageInput) => Promise<Digest>;
  /** Where repositories are made; default `apps/contract`. Tags must move there. */
  readonly root?: string;
}

const ABSENT: Digest = `sha256:${'0'.repeat(64)}`;
const provenance = { buildDefinition: { buildType: 'test' } };

function bundleFor(repository: string, digest: Digest, text: string): AttachInput {
  return {
    subject: { repository, digest },
    artifactType: 'application/vnd.test+json',
    mediaType: 'application/vnd.test+json',
    payload: Buffer.from(text),
    annotations: { 'test.kind': text },
  };
}

/** What every Registry does, fake or real. `create` is called once for the suite. */
export function describeRegistryContract(
  name: string,
  create: () => RegistryUnderTest | Promise<RegistryUnderTest>,
): void {
  describe(`${name} keeps the contract of Registry`, () => {
    let registry: Registry;
    let pushImage: RegistryUnderTest['pushImage'];
    let folder: string;
    let counter = 0;
    let root = 'apps/contract';
    const newRepository = (): string => `${root}/svc-${++counter}`;

    beforeAll(async () => {
      ({ registry, pushImage, root = root } = await create());
      folder = await mkdtemp(join(tmpdir(), 'plura-registry-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('resolves a pushed digest, and nothing for what is not there', async () => {
      const repository = newRepository();
      const digest = await pushImage({ repository });

      const found = await registry.resolve(repository, digest);

      expect(found).toMatchObject({ digest });
      expect(await registry.resolve(repository, ABSENT)).toBeNull();
      expect(await registry.resolve(repository, 'no-such-tag')).toBeNull();
      expect(await registry.resolve(`${root}/nowhere`, 'stable')).toBeNull();
    });

    it('moves, reads back and removes a tag without touching the manifest', async () => {
      const repository = newRepository();
      const first = await pushImage({ repository, user: '1' });
      const second = await pushImage({ repository, user: '2' });

      await registry.putTag({ repository, digest: first }, 'stable');
      await registry.putTag({ repository, digest: second }, 'stable');

      expect(await registry.resolve(repository, 'stable')).toMatchObject({ digest: second });
      await registry.deleteTag(repository, 'stable');
      await registry.deleteTag(repository, 'stable');
      expect(await registry.resolve(repository, 'stable')).toBeNull();
      expect(await registry.resolve(repository, second)).toMatchObject({ digest: second });
    });

    it('refuses to tag or read what is not there', async () => {
      const image = { repository: newRepository(), digest: ABSENT };

      await expect(registry.putTag(image, 'stable')).rejects.toMatchObject({
        code: 'DIGEST_NOT_FOUND',
      });
      for (const read of [
        () => registry.getManifest(image),
        () => registry.getBlob(image, 10),
        () => registry.getImageConfig(image),
        () => registry.downloadBlob(image, join(folder, 'absent')),
        () => registry.getArtifact(image, 10),
      ]) {
        await expect(read()).rejects.toMatchObject({ code: 'DIGEST_NOT_FOUND' });
      }
      expect(await registry.listReferrers(image)).toEqual([]);
    });

    it('reads the config of this machine in an index, past the attestation', async () => {
      const repository = newRepository();
      const labels = { 'org.opencontainers.image.version': '1.2.3' };
      const digest = await pushImage({ repository, labels, user: '1000', provenance });

      const config = await registry.getImageConfig({ repository, digest });

      expect(config).toEqual({
        user: '1000',
        env: [],
        entrypoint: ['/server'],
        cmd: [],
        workingDir: '/',
        labels,
        exposedPorts: ['8080/tcp'],
      });
    });

    it('shows the children of an index with what marks the attestation', async () => {
      const repository = newRepository();
      const digest = await pushImage({ repository, provenance });

      const { manifests, layers } = await registry.getManifest({ repository, digest });

      expect(layers).toEqual([]);
      expect(manifests).toHaveLength(2);
      expect(manifests[1]?.annotations).toEqual({
        'vnd.docker.reference.digest': manifests[0]?.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      });
    });

    it('gives a blob within its bound, in memory and as a file', async () => {
      const repository = newRepository();
      const layer = Buffer.from('the layer of the contract');
      const digest = await pushImage({ repository, layers: [layer] });
      const { layers } = await registry.getManifest({ repository, digest });
      const blob = { repository, digest: layers[0]!.digest };
      const file = join(folder, 'layer');

      await registry.downloadBlob(blob, file);

      expect(await registry.getBlob(blob, 1000)).toEqual(layer);
      expect(await readFile(file)).toEqual(layer);
      await expect(registry.getBlob(blob, 5)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(registry.downloadBlob(blob, `${file}.more`, 5)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      await expect(readFile(`${file}.more`)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it.each([true, false])('mounts an image elsewhere (index: %s)', async (index) => {
      const repository = newRepository();
      const elsewhere = newRepository();
      const digest = await pushImage({ repository, ...(index ? { provenance } : {}) });

      await registry.mount({ repository, digest }, elsewhere);
      await registry.mount({ repository, digest }, elsewhere);

      expect(await registry.findMissing({ repository: elsewhere, digest })).toEqual([]);
      expect((await registry.getImageConfig({ repository: elsewhere, digest })).user).toBe('65532');
      await expect(registry.mount({ repository, digest: ABSENT }, elsewhere)).rejects.toMatchObject(
        { code: 'DIGEST_NOT_FOUND' },
      );
    });

    it('names what is missing', async () => {
      const repository = newRepository();

      expect(await registry.findMissing({ repository, digest: ABSENT })).toEqual([ABSENT]);
    });

    it('attaches the same bytes once and lists them by type', async () => {
      const repository = newRepository();
      const digest = await pushImage({ repository });
      const input = bundleFor(repository, digest, 'one');
      const other = {
        ...bundleFor(repository, digest, 'two'),
        artifactType: 'application/vnd.other+json',
      };

      const first = await registry.attach(input);
      const again = await registry.attach(input);
      await registry.attach(other);

      expect(again).toEqual(first);
      const subject = { repository, digest };
      expect(await registry.listReferrers(subject)).toHaveLength(2);
      const [listed, ...rest] = await registry.listReferrers(subject, input.artifactType);
      expect(rest).toEqual([]);
      expect(listed).toMatchObject({ digest: first.digest, artifactType: input.artifactType });
      const artifact = await registry.getArtifact({ repository, digest: first.digest }, 1000);
      expect(artifact.payload).toEqual(input.payload);
      expect(artifact.descriptor.annotations).toEqual(input.annotations);
    });

    it.each([100, 16 * 1024, 16 * 1024 + 1])('gives back an artifact of %s bytes', async (size) => {
      const repository = newRepository();
      const digest = await pushImage({ repository });
      const input = { ...bundleFor(repository, digest, 'sized'), payload: Buffer.alloc(size, 'x') };
      const attached = await registry.attach(input);
      const artifact = { repository, digest: attached.digest };

      expect((await registry.getArtifact(artifact, size)).payload).toEqual(input.payload);
      await expect(registry.getArtifact(artifact, size - 1)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
    });

    it('loses none of several artifacts attached at once', async () => {
      const repository = newRepository();
      const digest = await pushImage({ repository });
      const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

      await Promise.all(texts.map((text) => registry.attach(bundleFor(repository, digest, text))));

      expect(await registry.listReferrers({ repository, digest })).toHaveLength(texts.length);
    });

    it('refuses to attach to a subject that is not there', async () => {
      const input = bundleFor(newRepository(), ABSENT, 'lost');

      await expect(registry.attach(input)).rejects.toMatchObject({ code: 'DIGEST_NOT_FOUND' });
    });

    it('answers a ping', async () => {
      await expect(registry.ping()).resolves.toBeUndefined();
    });
  });
}
