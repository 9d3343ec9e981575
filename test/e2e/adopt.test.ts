import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadBases } from '../../src/config/bases-file';
import { parseDigest, type Digest } from '../../src/domain/digest';
import { requiredLabels } from '../../src/domain/labels';
import { repositoryRoot } from '../../src/local/repository-root';
import { REVISION, startE2eStack, type E2eStack } from '../support/e2e-stack';

jest.setTimeout(300_000);

const REPOSITORY = 'apps/payments/payments';
const tagOf = (version: string): string => `${version}_${REVISION}`;

let e2e: E2eStack;

beforeAll(async () => {
  e2e = await startE2eStack();
});
afterAll(async () => {
  await e2e.stop();
});

/** As CI does it: stock buildctl, the robot's login by DOCKER_CONFIG, the image under its version tag. */
async function buildAndPush(version: string): Promise<Digest> {
  const host = new URL(e2e.addresses.registry).host;
  const bases = await loadBases(path.join(e2e.stateDir, 'bases.json'));
  const labels = requiredLabels({
    service: { region: 'eu-west-1' },
    version,
    revision: REVISION,
    releaseId: `payments/${tagOf(version)}`,
    buildId: 'ci-1',
    created: '2026-01-01T00:00:00Z',
    source: 'payments',
  });
  const context = path.join(repositoryRoot(), 'src/local/services/payments');
  const metadata = path.join(e2e.stateDir, 'ci-build.json');
  const args = [
    ...['--addr', e2e.addresses.buildkit, 'build', '--frontend=dockerfile.v0'],
    ...['--local', `context=${context}`, '--local', `dockerfile=${context}`],
    ...['--opt', 'attest:provenance=mode=max,version=v1,builder-id=https://ci.test/builders/1'],
    ...Object.entries(labels).flatMap(([name, value]) => ['--opt', `label:${name}=${value}`]),
    ...Object.entries(bases).flatMap(([name, { repository, digest }]) => [
      '--opt',
      `context:${name}=docker-image://${host}/${repository}@${digest}`,
    ]),
    '--output',
    `type=image,name=${host}/${REPOSITORY}:${tagOf(version)},push=true,oci-mediatypes=true,registry.insecure=true`,
    ...['--metadata-file', metadata],
  ];
  const env = {
    PATH: process.env['PATH'],
    HOME: e2e.stateDir,
    DOCKER_CONFIG: await e2e.dockerConfig('demo'),
  };
  await promisify(execFile)(await e2e.stack.toolchain.path('buildctl'), args, { env });
  const said = JSON.parse(await readFile(metadata, 'utf8')) as Record<string, string>;
  return parseDigest(said['containerimage.digest'] ?? '');
}

describe('an image that CI has pushed with a robot', () => {
  it('is released by its digest, under the tag that the push claimed', async () => {
    const pushed = await buildAndPush('2.0.0');
    const promote = ['reg', 'promote', 'payments', '--digest', pushed, '--wait'];

    const run = await e2e.plura('alice', ...promote);

    expect(run).toMatchObject({ code: 0 });
    await expect(e2e.channels('payments')).resolves.toMatchObject({ 'prod:stable': pushed });
    const registry = e2e.registryAs('runtime');
    expect(await registry.resolve(REPOSITORY, tagOf('2.0.0'))).toMatchObject({ digest: pushed });
    expect(await registry.resolve('channels/prod/payments', 'stable')).toMatchObject({
      digest: pushed,
    });
  });

  it('keeps its tag against a release of the same version from source', async () => {
    const pushed = await buildAndPush('2.1.0');

    const rebuilt = await e2e.waitForEnd(await e2e.promote('payments', 'payments', '2.1.0'));

    expect(rebuilt.outcome).not.toBe('released');
    expect(rebuilt.reason).toContain(pushed);
    const found = await e2e.registryAs('demo').resolve(REPOSITORY, tagOf('2.1.0'));
    expect(found).toMatchObject({ digest: pushed });
  });

  it('can be put in no channel by the robot itself', async () => {
    const digest = await buildAndPush('2.2.0');
    const registry = e2e.registryAs('demo');

    const forged = registry.mount({ repository: REPOSITORY, digest }, 'channels/dev/payments');

    await expect(forged).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
