import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { sha256 } from '../../src/adapters/oci/schema';
import type { Digest } from '../../src/domain/digest';
import type { RegistryAction, RobotKind } from '../../src/domain/registry/principal';
import type { AttachInput, Registry } from '../../src/ports/registry';
import { describeRegistryContract } from '../support/contracts/registry';
import { buildTestImage, type TestImageInput } from '../support/fakes/registry-image';
import { LABELS } from '../support/fuzz/artifact';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { pushBlob, putManifest, type RegistryAccess } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(120_000);

let postgres: PostgresServer;
let backend: RegistryServer;
let gateway: GatewayProcess;
let access: RegistryAccess;

beforeAll(async () => {
  [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
  gateway = await startGatewayProcess({
    backendUrl: backend.url,
    database: await postgres.freshDatabase(),
    open: ['scratch'],
  });
  access = { url: gateway.url, basic: (await gateway.createRobot(all('system'))).basic };
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([backend.stop(), postgres.stop()]);
});

function all(
  kind: RobotKind,
  actions: readonly RegistryAction[] = ['pull', 'push', 'delete'],
): Parameters<GatewayProcess['createRobot']>[0] {
  return { kind, scopes: [{ repositories: '**', actions }] };
}

async function registryAs(...robot: Parameters<typeof all>): Promise<Registry> {
  const { username, password } = await gateway.createRobot(all(...robot));
  return createOciRegistry({ url: gateway.url, credentials: { username, password } });
}

async function pushImage(input: TestImageInput): Promise<Digest> {
  const { repository } = input;
  const image = buildTestImage(input);
  const answers = [];
  for (const blob of image.blobs) answers.push(await pushBlob(access, repository, blob));
  for (const manifest of image.manifests) {
    const digest = sha256(manifest.bytes);
    answers.push(await putManifest(access, repository, digest, manifest));
  }
  for (const answer of answers) {
    const said = await answer.text();
    if (answer.status !== 201) throw new Error(`${answer.status}: ${said}`);
  }
  return image.digest;
}

describeRegistryContract('the OCI registry client through the gateway', async () => ({
  registry: await registryAs('system'),
  pushImage,
  root: 'scratch/contract',
}));

describe('the OCI registry client and the rules of the gateway', () => {
  const repository = 'apps/checkout/checkout';
  const tag = '1.0.0_abcdef123456';
  let digest: Digest;
  beforeAll(async () => {
    digest = await pushImage({ repository, labels: { ...LABELS, n: '1' } });
  });

  it('writes a version tag once, the same digest again, and no other', async () => {
    const registry = await registryAs('system');
    const other = await pushImage({ repository, labels: { ...LABELS, n: '2' } });

    await registry.putTag({ repository, digest }, tag);
    await registry.putTag({ repository, digest }, tag);

    await expect(registry.putTag({ repository, digest: other }, tag)).rejects.toMatchObject({
      code: 'TAG_TAKEN',
      message: expect.stringContaining(digest) as string,
    });
    expect(await registry.resolve(repository, tag)).toMatchObject({ digest });
  });

  it('moves a channel as the system, with all bytes mounted', async () => {
    const registry = await registryAs('system');
    const channel = 'channels/prod/checkout';

    await registry.mount({ repository, digest }, channel);
    await registry.putTag({ repository: channel, digest }, 'stable');

    expect(await registry.findMissing({ repository: channel, digest })).toEqual([]);
    await registry.deleteTag(channel, 'stable');
    await registry.deleteTag(channel, 'stable');
    expect(await registry.resolve(channel, 'stable')).toBeNull();
  });

  it('is refused a channel as anyone else, by name of the rule', async () => {
    const registry = await registryAs('robot');

    const moved = registry.mount({ repository, digest }, 'channels/prod/payments');

    await expect(moved).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { rule: 'channels-by-system-only' },
    });
  });

  it('is refused what its scopes do not hold', async () => {
    const registry = await registryAs('observer', ['pull']);
    const image = { repository, digest };

    await expect(registry.getManifest(image)).resolves.toMatchObject({ digest });
    await expect(registry.putTag(image, tag)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(registry.deleteTag(repository, tag)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('loses nothing that several processes attach to one digest at once', async () => {
    const inputs = Array.from({ length: 12 }, (_, n): AttachInput => ({
      subject: { repository, digest },
      artifactType: 'application/vnd.test+json',
      mediaType: 'application/vnd.test+json',
      payload: Buffer.from(`${n}`),
      annotations: {},
    }));
    const registries = await Promise.all(inputs.map(() => registryAs('system')));

    await Promise.all(inputs.map((input, n) => registries[n]!.attach(input)));

    const listed = await registries[0]!.listReferrers({ repository, digest });
    expect(new Set(listed.map((entry) => entry.digest)).size).toBe(inputs.length);
  });

  it('learns why a digest is not to be had', async () => {
    const registry = await registryAs('robot');
    const blocked = await pushImage({ repository, labels: { ...LABELS, n: '3' } });
    await gateway.quarantine(blocked, ['CVE-2026-0001']);

    await eventually(() =>
      expect(registry.getManifest({ repository, digest: blocked })).rejects.toMatchObject({
        code: 'QUARANTINED',
        message: expect.stringContaining('CVE-2026-0001') as string,
      }),
    );
  });
});

/** The gateway hears of a quarantine by a notification, a moment later. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
