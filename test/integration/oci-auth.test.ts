import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import type { AttachInput } from '../../src/ports/registry';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';

describe('distribution behind basic authentication', () => {
  // `robot`, `a test word`, by bcrypt.
  const htpasswd = 'robot:$2b$05$.rgmsJL5ZD9hX75oICpLOObGhHqZ6Xwb1j90ok9pWuiKBYAP5R2Oy\n';
  let folder: string;
  let server: RegistryServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-htpasswd-'));
    const path = join(folder, 'htpasswd');
    await writeFile(path, htpasswd);
    server = await startRegistry(`auth: { htpasswd: { realm: test, path: ${path} } }\n`);
  }, 30_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('lets in who has the credentials', async () => {
    const credentials = { username: 'robot', password: 'a test word' };
    const registry = createOciRegistry({ url: server.url, credentials });

    await expect(registry.ping()).resolves.toBeUndefined();
    await expect(registry.resolve('apps/a/a', 'stable')).resolves.toBeNull();
  });

  it.each([undefined, { username: 'robot', password: 'another word' }])(
    'keeps out everyone else, for good (%j)',
    async (credentials) => {
      const registry = createOciRegistry({
        url: server.url,
        ...(credentials ? { credentials } : {}),
      });

      await expect(registry.ping()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    },
  );
});

describe('two processes that attach to one digest', () => {
  let server: RegistryServer;
  beforeAll(async () => {
    server = await startRegistry();
  }, 30_000);
  afterAll(() => server.stop());

  it('list everything once each has tried again: a lost entry is put back, none is doubled', async () => {
    const repository = 'apps/race/race';
    const digest = await pushTestImage(server.url, { repository });
    const inputs = Array.from({ length: 6 }, (_, n): AttachInput => ({
      subject: { repository, digest },
      artifactType: 'application/vnd.test+json',
      mediaType: 'application/vnd.test+json',
      payload: Buffer.from(`${n}`),
      annotations: {},
    }));
    const [one, two] = [1, 2].map(() => createOciRegistry({ url: server.url }));

    await Promise.all(inputs.map((input, n) => (n % 2 ? one : two)!.attach(input)));
    for (const input of inputs) {
      await one!.attach(input);
    }

    const listed = await two!.listReferrers({ repository, digest });
    expect(new Set(listed.map((entry) => entry.digest)).size).toBe(inputs.length);
    expect(listed).toHaveLength(inputs.length);
  });
});
