import { LABELS } from '../support/fuzz/artifact';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import {
  call,
  pushBlob,
  pushImage,
  putManifest,
  type RegistryAccess,
} from '../support/registry-push';
import { buildTestImage } from '../support/fakes/registry-image';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { startTcpRelay, type TcpRelay } from '../support/tcp-relay';

jest.setTimeout(180_000);

const REPOSITORY = 'apps/checkout/checkout';
const tagOf = (n: number): string => `1.${n}.0_abcdef123456`;
/** More than the 15 s after which pulls count as stale. */
const MAX_AGE_S = 22;

let postgres: PostgresServer;
let registry: RegistryServer;
let relay: TcpRelay;
let gateway: GatewayProcess;
let access: RegistryAccess;
/** A second replica, whose registry hangs from the start: its answer is awaited while the others are tested. */
let hanging: {
  readonly relay: TcpRelay;
  readonly gateway: GatewayProcess;
  answer: Promise<number>;
};
let known: string;
let blocked: string;

const imageOf = (n: number): Parameters<typeof buildTestImage>[0] => ({
  repository: REPOSITORY,
  labels: { ...LABELS, n: `${n}` },
});

beforeAll(async () => {
  postgres = await startPostgres();
  registry = await startRegistry();
  const database = await postgres.freshDatabase();
  const port = Number(new URL(registry.url).port);
  relay = await startTcpRelay(port);
  gateway = await startGatewayProcess({
    backendUrl: relay.url,
    database,
    maxAge: `${MAX_AGE_S}s`,
  });
  const robot = await gateway.createRobot({
    scopes: [{ repositories: '**', actions: ['pull', 'push'] }],
  });
  access = { url: gateway.url, basic: robot.basic };
  known = (await pushImage(access, imageOf(1), tagOf(1))).digest;
  blocked = (await pushImage(access, imageOf(2), tagOf(2))).digest;
  await gateway.quarantine(blocked, ['CVE-2026-0001']);
  const other = await startTcpRelay(port);
  const replica = await startGatewayProcess({ backendUrl: other.url, database });
  await other.set('silent');
  hanging = { relay: other, gateway: replica, answer: pullAt(replica) };
});
afterAll(async () => {
  await hanging.gateway.stop();
  await hanging.relay.stop();
  await gateway.stop();
  await relay.stop();
  await registry.stop();
  await postgres.stop();
});

const get = (reference: string): Promise<Response> =>
  call(access, `/v2/${REPOSITORY}/manifests/${reference}`);

async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

/** With more patience than the gateway should have. */
function pullAt({ url }: GatewayProcess): Promise<number> {
  return statusOf(
    fetch(`${url}/v2/${REPOSITORY}/manifests/${known}`, {
      headers: {
        authorization: access.basic,
        accept: 'application/vnd.oci.image.manifest.v1+json',
      },
      signal: AbortSignal.timeout(120_000),
    }),
  );
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain until ${what}`);
}

/** The gauge or counter of this name, over all its labels. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const lines = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return lines.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Blobs are there before the outage, so that the manifest alone is what is refused. */
async function prepare(n: number): Promise<ReturnType<typeof buildTestImage>> {
  const image = buildTestImage(imageOf(n));
  for (const blob of image.blobs) {
    expect(await statusOf(pushBlob(access, REPOSITORY, blob))).toBe(201);
  }
  return image;
}

test('while Postgres is down pushes are refused, pulls go on, and what is blocked stays so', async () => {
  const image = await prepare(3);
  await until('the block is seen', async () => (await statusOf(get(blocked))) === 403);

  await postgres.crash();
  const push = await putManifest(access, REPOSITORY, tagOf(3), image.manifests[0]!);
  const pull = await get(known);
  const byTag = await get(tagOf(1));
  const refused = await get(blocked);

  expect(push.status).toBe(503);
  expect(Number(push.headers.get('retry-after'))).toBeGreaterThan(0);
  await push.body?.cancel();
  expect(pull.status).toBe(200);
  await pull.body?.cancel();
  expect([byTag.status, byTag.headers.get('docker-content-digest')]).toEqual([200, known]);
  await byTag.body?.cancel();
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain('CVE-2026-0001');
  const behind = { url: registry.url, basic: access.basic };
  expect(await statusOf(call(behind, `/v2/${REPOSITORY}/manifests/${tagOf(3)}`))).toBe(404);
  await until('the metric says so', async () => {
    await statusOf(get(known));
    return (await metric('plura_gateway_stale_pulls_total')) > 0;
  });
  expect(await metric('plura_gateway_state_age_seconds')).toBeGreaterThan(0);
});

test('what is known grows too old: pulls are refused, too', async () => {
  await until('pulls are refused', async () => (await statusOf(get(known))) === 503);

  const refused = await get(known);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await refused.body?.cancel();
  expect(await metric('plura_gateway_state_age_seconds')).toBeGreaterThanOrEqual(MAX_AGE_S);
});

test('Postgres is back: so are pushes and pulls, and the tag of the refused push is free', async () => {
  const image = buildTestImage(imageOf(3));
  await postgres.start();

  await until('pulls are served', async () => (await statusOf(get(known))) === 200);
  await until('pushes are taken', async () => {
    const put = putManifest(access, REPOSITORY, tagOf(3), image.manifests[0]!);
    return (await statusOf(put)) === 201;
  });

  expect(await statusOf(get(tagOf(3)))).toBe(200);
  expect(await statusOf(get(blocked))).toBe(403);
});

test('the registry is gone: a clear answer each time, and no tag is lost', async () => {
  const image = await prepare(4);
  await relay.set('refuse');

  const pull = await statusOf(get(known));
  const push = await statusOf(putManifest(access, REPOSITORY, tagOf(4), image.manifests[0]!));
  const upload = await statusOf(pushBlob(access, REPOSITORY, Buffer.from('a blob')));

  for (const status of [pull, push, upload]) expect([502, 503]).toContain(status);
  await relay.set('pass');
  await until('pulls are served', async () => (await statusOf(get(known))) === 200);
  await until('the push is taken', async () => {
    const put = putManifest(access, REPOSITORY, tagOf(4), image.manifests[0]!);
    return (await statusOf(put)) === 201;
  });
});

test('the registry hangs: the gateway does not', async () => {
  expect([502, 503, 504]).toContain(await hanging.answer);

  await hanging.relay.set('pass');
  await until('pulls are served', async () => (await pullAt(hanging.gateway)) === 200);
});
