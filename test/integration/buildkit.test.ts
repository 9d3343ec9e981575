import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBuildkitBuilder } from '../../src/adapters/buildkit/builder';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import type { PinnedBase } from '../../src/domain/bases';
import { refuseRootImage } from '../../src/domain/dockerfile';
import { seedBases } from '../../src/local/seed/bases';
import { seedKeys } from '../../src/local/seed/keys';
import { isBaseSigned } from '../../src/local/seed/sign-base';
import { findOnPath } from '../../src/local/toolchain/path-lookup';
import type { Builder } from '../../src/ports/builder';
import { startBuildkit, type BuildkitServer } from '../support/buildkit-server';
import { describeBuilderContract } from '../support/contracts/builder';
import { cacheFolder } from '../support/cache-folder';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';

jest.setTimeout(240_000);

const builderId = 'https://builder.test/buildkit';
const services = join(__dirname, '../../src/local/services');

describe('BuildKit', () => {
  let folder: string;
  let server: RegistryServer;
  let buildkit: BuildkitServer;
  let builder: Builder;
  let bases: Readonly<Record<string, PinnedBase>>;
  let seedInput: Parameters<typeof seedBases>[0];

  function builderAt(address: string, timeoutMs = 120_000): Builder {
    const buildctl = toolPath('buildctl');
    const registryHost = server.host;
    return createBuildkitBuilder({
      buildctl,
      address,
      registryHost,
      insecure: true,
      timeoutMs,
      builderId,
    });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-buildkit-'));
    server = await startRegistry();
    buildkit = await startBuildkit(server.host);
    builder = builderAt(buildkit.address);
    const { keysDir } = await seedKeys(folder);
    seedInput = {
      registryUrl: server.url,
      stateDir: folder,
      cacheDir: cacheFolder(),
      signer: createSigstoreSigner({ kms: createFileKeyManagement({ dir: keysDir }) }),
      log: false,
      go: findOnPath('go', process.env['PATH'] ?? '') ?? 'go',
    };
    bases = await seedBases(seedInput);
  });
  afterAll(async () => {
    await buildkit.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function contextOf(dockerfile: string): Promise<string> {
    const context = await mkdtemp(join(folder, 'context-'));
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    return context;
  }

  describeBuilderContract('BuildKit with its buildctl', () => ({
    builder,
    registry: createOciRegistry({ url: server.url }),
    builderId,
    contextPath: join(services, 'checkout'),
    // What the sample stands on, and no more.
    bases: Object.fromEntries(
      ['bases/go', 'bases/static'].flatMap((name) => {
        const pin = bases[name];
        return pin ? [[name, pin]] : [];
      }),
    ),
  }));

  it('has bases that are signed by their custodian, and seeds them twice alike', async () => {
    const again = await seedBases(seedInput);

    expect(again).toEqual(bases);
    const registry = createOciRegistry({ url: server.url });
    for (const base of Object.values(again)) {
      expect(await isBaseSigned({ registry, signer: seedInput.signer, log: false }, base)).toBe(
        true,
      );
      expect(await registry.listReferrers(base)).toHaveLength(1);
    }
  });

  it.each(['checkout-broken', 'checkout-vulnerable', 'payments'])('builds %s', async (name) => {
    const repository = `apps/${name}/${name}`;

    const built = builder.build({
      contextPath: join(services, name),
      repository,
      labels: {},
      bases,
    });

    await expect(built).resolves.toMatchObject({ digest: expect.any(String) as unknown });
  });

  it('says what a Dockerfile that fails printed last', async () => {
    const contextPath = await contextOf('FROM bases/go\nRUN ["go", "build", "./nothing"]\n');

    const built = builder.build({ contextPath, repository: 'apps/a/a', labels: {}, bases });

    await expect(built).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringMatching(/did not complete successfully/) as unknown,
      details: { output: expect.arrayContaining([expect.stringMatching(/go: |no /)]) as unknown },
    });
  });

  it.each(['RUNN nonsense\n', 'FROM bases/static\nCOPY nothing /\n'])(
    'blames the Dockerfile %j',
    async (text) => {
      const contextPath = await contextOf(text);

      const built = builder.build({ contextPath, repository: 'apps/a/a', labels: {}, bases });

      await expect(built).rejects.toMatchObject({ code: 'BUILD_FAILED' });
    },
  );

  it('builds an image that runs as root, which its config then gives away', async () => {
    const contextPath = await contextOf(
      'FROM bases/go AS build\nFROM bases/static\nCOPY --from=build /tmp /tmp\nUSER 0\n',
    );

    const { digest } = await builder.build({
      contextPath,
      repository: 'apps/a/a',
      labels: {},
      bases,
    });

    const registry = createOciRegistry({ url: server.url });
    const { user } = await registry.getImageConfig({ repository: 'apps/a/a', digest });
    expect(refuseRootImage(user, { refuseRoot: true })?.code).toBe('BUILD_REFUSED');
  });

  it('stops a build that is aborted', async () => {
    const contextPath = await contextOf(
      'FROM bases/go\nCOPY Dockerfile /src/go.mod\nRUN ["go", "run", "std/nothing@latest"]\n',
    );
    const abort = new AbortController();
    const reason = new Error('release aborted');

    const built = builder.build({
      contextPath,
      repository: 'apps/a/a',
      labels: {},
      bases,
      signal: abort.signal,
      onProgress: () => {
        abort.abort(reason);
      },
    });

    await expect(built).rejects.toBe(reason);
  });

  it('tells a builder that is not there from a bad Dockerfile', async () => {
    const absent = builderAt(`unix://${folder}/absent.sock`);
    const contextPath = join(services, 'checkout');

    const built = absent.build({ contextPath, repository: 'apps/a/a', labels: {}, bases });

    await expect(built).rejects.toMatchObject({ code: 'BUILDER_UNAVAILABLE' });
    await expect(absent.ping()).rejects.toMatchObject({ code: 'BUILDER_UNAVAILABLE' });
  });

  it('tells a registry that is not there from a bad Dockerfile', async () => {
    const gone = createBuildkitBuilder({
      buildctl: toolPath('buildctl'),
      address: buildkit.address,
      registryHost: '127.0.0.1:9',
      insecure: true,
      timeoutMs: 60_000,
      builderId,
    });
    const contextPath = join(services, 'checkout');

    const built = gone.build({ contextPath, repository: 'apps/a/a', labels: {}, bases });

    await expect(built).rejects.toMatchObject({ code: 'BUILDER_UNAVAILABLE' });
  });

  it('ends a build that takes too long', async () => {
    const contextPath = join(services, 'checkout');

    const built = builderAt(buildkit.address, 1).build({
      contextPath,
      repository: 'apps/a/a',
      labels: {},
      bases,
    });

    await expect(built).rejects.toMatchObject({ code: 'BUILD_FAILED' });
  });
});
