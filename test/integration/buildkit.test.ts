import { execFile } from 'node:child_process';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compareRebuild } from '../../activities/rollup-unchanged';
import { createBuildkitBuilder } from '../../src/adapters/buildkit/builder';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import type { PinnedBase } from '../../src/domain/bases';
import type { Digest } from '../../src/domain/digest';
import { refuseRootImage } from '../../src/domain/dockerfile';
import { seedBases } from '../../src/local/seed/bases';
import { seedKeys } from '../../src/local/seed/keys';
import { isBaseSigned } from '../../src/local/seed/sign-base';
import { findOnPath } from '../../src/local/toolchain/path-lookup';
import type { Builder } from '../../src/ports/builder';
import { testService } from '../support/builders';
import { startBuildkit, type BuildkitServer } from '../support/buildkit-server';
import { describeBuilderContract } from '../support/contracts/builder';
import { cacheFolder } from '../support/cache-folder';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';

jest.setTimeout(240_000);

const runFile = promisify(execFile);
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

  it('builds the same twice of one source, whenever its files were written and whatever is cached', async () => {
    const registry = createOciRegistry({ url: server.url });
    const repository = 'apps/a/a';
    const dockerfile = 'FROM bases/go AS build\nFROM bases/static\nCOPY file /file\n';
    const sourceDate = '2026-01-02T03:04:05.000Z';
    const build = async (written: string): Promise<Digest> => {
      const contextPath = await contextOf(dockerfile);
      await writeFile(join(contextPath, 'file'), 'the same');
      await utimes(join(contextPath, 'file'), new Date(written), new Date(written));
      const input = { contextPath, repository, labels: { built: written }, bases, sourceDate };
      return (await builder.build(input)).digest;
    };

    const digest = await build('2026-02-01T00:00:00Z');
    // What it still knows it does not make anew.
    await runFile(toolPath('buildctl'), ['--addr', buildkit.address, 'prune', '--all']);
    const of = await build('2026-03-01T00:00:00Z');

    expect(digest).not.toBe(of);
    const service = testService('a');
    expect(await compareRebuild({ registry }, { service, digest, of })).toEqual({ same: true });
    const index = await registry.getManifest({ repository, digest });
    const image = await registry.getManifest({ repository, digest: index.manifests[0]!.digest });
    const base = await registry.getManifest(bases['bases/static']!);
    expect(base.layers).not.toEqual([]);
    expect(image.layers.slice(0, -1).map((layer) => layer.digest)).toEqual(
      base.layers.map((layer) => layer.digest),
    );
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
