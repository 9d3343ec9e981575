import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { sha256 } from '../../src/adapters/oci/schema';
import { PRODUCT_ROBOTS, type LocalRobotName } from '../../src/local/seed/robots';
import { resetState } from '../../src/local/stack/reset';
import { robotCredentials } from '../../src/local/stack/robots';
import { startStack, type Stack } from '../../src/local/stack/start-stack';
import type { Registry } from '../../src/ports/registry';
import { buildTestImage } from '../support/fakes/registry-image';
import { call, pushBlob, putManifest } from '../support/registry-push';

jest.setTimeout(180_000);

let folder: string;
let stateDir: string;
let stack: Stack;
let registryUrl: string;
let backendUrl: string;

async function start(): Promise<void> {
  stack = await startStack({
    stateDir,
    ports: 'free',
    only: ['gateway', 'registry'],
    environment: process.env,
  });
  const addresses = await stack.addresses;
  registryUrl = addresses.registry;
  backendUrl = addresses.registryBackend;
}

function registryAs(name: LocalRobotName): Registry {
  const credentials = robotCredentials(stateDir, name);
  return createOciRegistry({ url: registryUrl, credentials });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-stack-gateway-'));
  stateDir = join(folder, 'state');
  await start();
});
afterAll(async () => {
  await stack.stop();
  await resetState(stateDir);
  await rm(folder, { recursive: true, force: true });
});

const NAMES: readonly LocalRobotName[] = [...PRODUCT_ROBOTS.map(({ name }) => name), 'demo'];

test('the registry of the stack asks who one is, and the one behind it is another address', async () => {
  const anonymous = await fetch(`${registryUrl}/v2/`);

  expect(anonymous.status).toBe(401);
  expect(anonymous.headers.get('www-authenticate')).toContain(`realm="${registryUrl}/token"`);
  expect(backendUrl).not.toBe(registryUrl);
});

test.each(NAMES)('%s is known by its secret, which only the owner can read', async (name) => {
  const file = join(stateDir, 'robots', name);

  const { mode } = await stat(file);
  const above = await stat(join(stateDir, 'robots'));

  expect((mode & 0o777).toString(8)).toBe('600');
  expect((above.mode & 0o777).toString(8)).toBe('700');
  await expect(registryAs(name).ping()).resolves.toBeUndefined();
});

test('no two robots have the same secret', async () => {
  const secrets = await Promise.all(
    NAMES.map((name) => readFile(join(stateDir, 'robots', name), 'utf8')),
  );

  expect(new Set(secrets).size).toBe(NAMES.length);
});

test('the config of the registry, which holds the secret of its notifications, is private', async () => {
  const { mode } = await stat(join(stateDir, 'registry', 'config.yml'));

  expect((mode & 0o777).toString(8)).toBe('600');
});

test('secrets outlive the stack, and nothing is made twice', async () => {
  const before = robotCredentials(stateDir, 'demo');

  await stack.stop();
  await start();

  expect(robotCredentials(stateDir, 'demo')).toEqual(before);
  expect((await readdir(join(stateDir, 'robots'))).sort()).toEqual([...NAMES].sort());
  await expect(registryAs('demo').ping()).resolves.toBeUndefined();
});

test('the gateway reads blobs where the registry keeps them', async () => {
  const { username, password } = robotCredentials(stateDir, 'demo');
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const access = { url: registryUrl, basic };
  const bytes = Buffer.from('bytes of a layer');
  expect((await pushBlob(access, 'apps/stored/one', bytes)).status).toBe(201);

  const answer = await call(access, `/v2/apps/stored/one/blobs/${sha256(bytes)}`);
  const metrics = await (await fetch(`${registryUrl}/metrics`)).text();

  expect(await answer.text()).toBe('bytes of a layer');
  expect(metrics).toContain('plura_gateway_stored_blobs_total{outcome="served"} 1');
});

test('the gateway learns of what was pushed around it', async () => {
  const repository = 'bases/around';
  const image = buildTestImage({ repository });
  const access = { url: backendUrl, basic: 'none' };
  for (const blob of image.blobs) await pushBlob(access, repository, blob);
  for (const manifest of image.manifests) {
    await putManifest(access, repository, '13.1_20261124', manifest);
  }

  const client = new Client({ connectionString: (await stack.addresses).database });
  await client.connect();
  const events = async (): Promise<number | null> =>
    (await client.query('SELECT 1 FROM registry_events WHERE repository = $1', [repository]))
      .rowCount;
  for (let tries = 0; (await events()) === 0 && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const found = await events();
  await client.end();

  expect(found).toBeGreaterThan(0);
});
