import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBuildkitBuilder } from '../../src/adapters/buildkit/builder';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import type { RegistryCredentials } from '../../src/contract/docker-config';
import type { RegistryAction } from '../../src/domain/registry/principal';
import type { Builder } from '../../src/ports/builder';
import { startBuildkit, type BuildkitServer } from '../support/buildkit-server';
import { LABELS } from '../support/fuzz/artifact';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';

jest.setTimeout(180_000);

const repository = 'apps/checkout/checkout';

let folder: string;
let postgres: PostgresServer;
let backend: RegistryServer;
let gateway: GatewayProcess;
let buildkit: BuildkitServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-buildkit-gateway-'));
  await mkdir(join(folder, 'source'));
  await writeFile(join(folder, 'source', 'Dockerfile'), 'FROM scratch\nCOPY file /\n');
  await writeFile(join(folder, 'source', 'file'), 'content');
  [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
  gateway = await startGatewayProcess({
    backendUrl: backend.url,
    database: await postgres.freshDatabase(),
  });
  buildkit = await startBuildkit(gateway.host);
});
afterAll(async () => {
  await buildkit.stop();
  await gateway.stop();
  await Promise.all([backend.stop(), postgres.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function builderAs(credentials?: RegistryCredentials): Builder {
  return createBuildkitBuilder({
    buildctl: toolPath('buildctl'),
    address: buildkit.address,
    registryHost: gateway.host,
    insecure: true,
    timeoutMs: 60_000,
    builderId: 'https://builder.test/buildkit',
    ...(credentials ? { credentials } : {}),
  });
}

const buildWith = (builder: Builder, labels = LABELS): ReturnType<Builder['build']> =>
  builder.build({ contextPath: join(folder, 'source'), repository, labels, bases: {} });

async function robot(...actions: readonly RegistryAction[]): Promise<RegistryCredentials> {
  const { username, password } = await gateway.createRobot({
    scopes: [{ repositories: 'apps/**', actions }],
  });
  return { username, password };
}

test('a robot of its own builds and pushes image and provenance', async () => {
  const credentials = await robot('pull', 'push');

  const { digest } = await buildWith(builderAs(credentials));

  const registry = createOciRegistry({ url: gateway.url, credentials });
  expect((await registry.getManifest({ repository, digest })).manifests).toHaveLength(2);
});

test.each<[string, () => Promise<RegistryCredentials | undefined>]>([
  ['without a login', () => Promise.resolve(undefined)],
  [
    'with a wrong secret',
    async () => ({ ...(await robot('pull', 'push')), password: 'plr_guess' }),
  ],
  ['with a robot that may only pull', () => robot('pull')],
])('%s the build is refused for good, as a matter of rights', async (_case, login) => {
  const build = buildWith(builderAs(await login()));

  await expect(build).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('an image without its labels is the fault of the build, told in the words of the rule', async () => {
  const build = buildWith(builderAs(await robot('pull', 'push')), {});

  await expect(build).rejects.toMatchObject({
    code: 'BUILD_FAILED',
    message: expect.stringContaining('label') as string,
  });
});
