import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import { seed } from '../../src/local/seed';
import { basesFile } from '../../src/local/seed/bases';
import { isBaseSigned } from '../../src/local/seed/sign-base';
import { trustedRootFile } from '../../src/local/stack/seed-step';
import { cacheFolder } from '../support/cache-folder';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { startRekor, type RekorServer } from '../support/rekor-server';
import { toolPath } from '../support/tools';

jest.setTimeout(240_000);

describe('the seed of the local stack', () => {
  let stateDir: string;
  let server: RegistryServer;
  let rekor: RekorServer;
  const progress: string[] = [];

  async function seedOnce(): Promise<void> {
    await seed({
      registryUrl: server.url,
      rekorUrl: rekor.url,
      stateDir,
      mirrorsDatabase: false,
      cacheDir: cacheFolder(),
      tools: () => Promise.resolve(toolPath('bolt-fixtures')),
      onProgress: (line) => progress.push(line),
    });
  }

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'plura-seed-'));
    server = await startRegistry();
    rekor = await startRekor();
    await mkdir(dirname(trustedRootFile(stateDir)), { recursive: true });
    await copyFile(rekor.trustedRootFile, trustedRootFile(stateDir));
    await seedOnce();
  });
  afterAll(async () => {
    await rekor.stop();
    await server.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('leaves bases whose signatures are in the transparency log', async () => {
    const pins = basesFile.parse(JSON.parse(await readFile(join(stateDir, 'bases.json'), 'utf8')));

    const registry = createOciRegistry({ url: server.url });
    const signer = createSigstoreSigner({
      kms: createFileKeyManagement({ dir: join(stateDir, 'keys') }),
      trustedRootFile: trustedRootFile(stateDir),
    });
    // And bases/base, where the host is a Debian.
    expect(Object.keys(pins)).toEqual(expect.arrayContaining(['bases/go', 'bases/static']));
    for (const base of Object.values(pins)) {
      expect(await isBaseSigned({ registry, signer, log: true }, base)).toBe(true);
    }
  });

  it('changes nothing when it is run again', async () => {
    const before = await readFile(join(stateDir, 'bases.json'), 'utf8');

    await seedOnce();

    expect(await readFile(join(stateDir, 'bases.json'), 'utf8')).toBe(before);
    expect(progress.join('\n')).toContain('base images');
  });
});
