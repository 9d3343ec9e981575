import type { Digest } from '../../../src/domain/digest';
import type { NamePage, RegistryCatalog } from '../../../src/ports/registry-catalog';
import type { TestImageInput } from '../fakes/registry-image';

export interface CatalogUnderTest {
  readonly catalog: RegistryCatalog;
  /** Pushes an image without a tag. */
  readonly push: (input: TestImageInput) => Digest | Promise<Digest>;
}

const ABSENT: Digest = `sha256:${'0'.repeat(64)}`;

async function allNames(
  read: (after: string | null) => Promise<NamePage | null>,
): Promise<readonly string[]> {
  const names: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 50; pages += 1) {
    const page = await read(after);
    names.push(...(page?.names ?? []));
    if (!page || page.next === null) return names;
    after = page.next;
  }
  throw new Error('the pages never end');
}

/** What every RegistryCatalog does, fake or real. `create` is called once for the suite, on an empty registry. */
export function describeRegistryCatalogContract(
  name: string,
  create: () => CatalogUnderTest | Promise<CatalogUnderTest>,
): void {
  describe(`${name} keeps the contract of RegistryCatalog`, () => {
    let catalog: RegistryCatalog;
    let push: CatalogUnderTest['push'];
    let counter = 0;
    const newRepository = (): string => `apps/catalog/svc-${++counter}`;

    beforeAll(async () => {
      ({ catalog, push } = await create());
    });

    it('walks all repositories page by page, each once', async () => {
      const repositories = ['walk/a', 'walk/a-b', 'walk/a/c', 'walk/b', 'walk/c'];
      for (const repository of repositories) {
        await catalog.putTag({ repository, digest: await push({ repository }) }, 'one');
      }

      const names = await allNames((after) =>
        catalog.listRepositories({ limit: 2, ...(after !== null && { after }) }),
      );

      const walked = names.filter((one) => one.startsWith('walk/'));
      expect([...walked].sort()).toEqual([...repositories].sort());
    });

    it('walks all tags page by page, each once', async () => {
      const repository = newRepository();
      const digest = await push({ repository });
      const tags = ['1.0.0_abc1234', '1.0.0-rc.1_abc1234', '10.0.0_abc1234', 'B', 'a'];
      for (const tag of tags) await catalog.putTag({ repository, digest }, tag);

      const names = await allNames((after) =>
        catalog.listTags(repository, { limit: 2, ...(after !== null && { after }) }),
      );

      expect([...names].sort()).toEqual([...tags].sort());
    });

    it('has no tags where nothing was tagged or nothing is', async () => {
      const untagged = newRepository();
      await push({ repository: untagged });

      const page = { limit: 10 };
      expect((await catalog.listTags(untagged, page))?.names ?? []).toEqual([]);
      expect(await catalog.listTags('apps/catalog/nowhere', page)).toBeNull();
    });

    it('describes what is there by tag and digest, and knows what is absent', async () => {
      const repository = newRepository();
      const digest = await push({ repository });
      await catalog.putTag({ repository, digest }, 'here');

      expect(await catalog.describe(repository, 'here')).toMatchObject({ digest });
      expect(await catalog.describe(repository, digest)).toMatchObject({ digest });
      expect(await catalog.describe(repository, 'nothing')).toBeNull();
      expect(await catalog.describe(repository, ABSENT)).toBeNull();
      expect(await catalog.isAbsent(repository, 'here')).toBe(false);
      expect(await catalog.isAbsent(repository, digest)).toBe(false);
      expect(await catalog.isAbsent(repository, 'nothing')).toBe(true);
      expect(await catalog.isAbsent(repository, ABSENT)).toBe(true);
      expect(await catalog.isAbsent('apps/catalog/nowhere', 'x')).toBe(true);
    });

    it('reads a manifest with what it names', async () => {
      const repository = newRepository();
      const digest = await push({ repository, index: true });

      const index = await catalog.getManifest({ repository, digest });
      const [child] = index.manifests;
      const image = await catalog.getManifest({ repository, digest: child!.digest });

      expect(image.config).toBeDefined();
      expect(image.layers).toHaveLength(1);
      await expect(catalog.getManifest({ repository, digest: ABSENT })).rejects.toMatchObject({
        code: 'DIGEST_NOT_FOUND',
      });
    });

    it('moves a tag, and only to what is there', async () => {
      const repository = newRepository();
      const first = await push({ repository, user: '1' });
      const second = await push({ repository, user: '2' });
      await catalog.putTag({ repository, digest: first }, 'moving');

      await catalog.putTag({ repository, digest: second }, 'moving');

      expect(await catalog.describe(repository, 'moving')).toMatchObject({ digest: second });
      await expect(catalog.putTag({ repository, digest: ABSENT }, 'moving')).rejects.toMatchObject({
        code: 'DIGEST_NOT_FOUND',
      });
    });
  });
}
