import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OCI_MANIFEST } from '../../src/adapters/oci/media-types';
import { sha256 } from '../../src/adapters/oci/schema';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../../src/adapters/postgres/registry-stores';
import { NOTIFICATION_TYPE } from '../../src/contract/schema/registry-notification';
import type { Digest } from '../../src/domain/digest';
import { buildTestImage } from '../support/fakes/registry-image';
import { bytesOf, LABELS } from '../support/fuzz/artifact';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { logIn, writeLayout, type LoggedIn } from '../support/registry-clients';
import {
  call,
  pushBlob,
  pushImage,
  putManifest,
  type RegistryAccess,
} from '../support/registry-push';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(120_000);

const APP = 'apps/checkout/web';
const SECRET = 'a-secret-of-the-registry';
const EVERYTHING = [{ repositories: '**', actions: ['pull', 'push', 'delete'] }] as const;

let postgres: PostgresServer;
let stores: PostgresRegistryStores;
let registry: RegistryServer;
let gateway: GatewayServer;
/** Stands where the registry sends its notifications, as it starts before the gateway. */
let forwarder: Server;
let robot: RegistryAccess;
let system: RegistryAccess;
let client: LoggedIn;
let versions = 0;

function nextTag(): string {
  versions += 1;
  return `1.${versions}.0_abcdef1`;
}

async function startForwarder(): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization = '' } = request.headers;
      const headers = { authorization, 'content-type': request.headers['content-type'] ?? '' };
      const body = Buffer.concat(chunks);
      fetch(`${gateway.url}/notifications`, { method: 'POST', headers, body }).then(
        (answer) => response.writeHead(answer.status).end(),
        () => response.writeHead(503).end(),
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function notifications({ port }: AddressInfo): string {
  return `notifications:
  endpoints:
    - name: gateway
      url: http://127.0.0.1:${port}/notifications
      headers: { Authorization: ["Bearer ${SECRET}"] }
      timeout: 5s
      threshold: 100
      backoff: 100ms
`;
}

beforeAll(async () => {
  postgres = await startPostgres();
  const connectionString = await postgres.freshDatabase();
  stores = createPostgresRegistryStores({ connectionString, max: 8 });
  forwarder = await startForwarder();
  registry = await startRegistry(notifications(forwarder.address() as AddressInfo));
  gateway = await startGateway({
    backendUrl: registry.url,
    inventory: stores.inventory,
    policy: { open: ['scratch'] },
    robots: [
      { name: 'builder', scopes: EVERYTHING },
      { name: 'system', kind: 'system', scopes: EVERYTHING },
    ],
    deps: { requiredLabels: Object.keys(LABELS), notificationSecret: SECRET },
  });
  robot = { url: gateway.url, basic: gateway.basic('builder') };
  system = { url: gateway.url, basic: gateway.basic('system') };
  client = await logIn(gateway.host, { username: 'builder', password: gateway.secret('builder') });
});

afterAll(async () => {
  await client.logOut();
  await gateway.close();
  await registry.stop();
  forwarder.close();
  await stores.close();
  await postgres.stop();
});

interface Labelled {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: Digest;
}

/** An image whose blobs are there, to be put under any reference. */
async function prepared(repository: string, seed: string): Promise<Labelled> {
  const image = buildTestImage({ repository, labels: { ...LABELS, seed } });
  for (const blob of image.blobs)
    expect((await pushBlob(robot, repository, blob)).status).toBe(201);
  return { ...image.manifests[0]!, digest: image.digest };
}

async function tagInRegistry(repository: string, tag: string): Promise<string | null> {
  const answer = await fetch(`${registry.url}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: OCI_MANIFEST },
  });
  return answer.headers.get('docker-content-digest');
}

async function until<T>(look: () => Promise<T | null | undefined>): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never came');
}

describe('a write-once tag', () => {
  it('goes to one of two hundred racing pushes, in Postgres and in the registry', async () => {
    const tag = nextTag();
    const rivals = await Promise.all(
      Array.from({ length: 20 }, (_, at) => prepared(APP, `rival ${at}`)),
    );

    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, at) => {
        const rival = rivals[at % rivals.length]!;
        const { status } = await putManifest(robot, APP, tag, rival);
        return { status, digest: rival.digest };
      }),
    );

    const winners = new Set(
      answers.filter(({ status }) => status === 201).map(({ digest }) => digest),
    );
    expect(winners.size).toBe(1);
    const [winner] = winners;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    expect(await tagInRegistry(APP, tag)).toBe(winner);
    expect(await stores.inventory.getTag(APP, tag)).toMatchObject({
      digest: winner,
      writeOnce: true,
    });
  });

  it('is refused to crane in words that say what to do', async () => {
    const tag = nextTag();
    const [first, second] = ['one', 'two'].map((seed) => ({
      repository: APP,
      labels: { ...LABELS, seed },
    }));
    await writeLayout(join(client.folder, 'first'), first!);
    await writeLayout(join(client.folder, 'second'), second!);
    const push = (folder: string, to: string): ReturnType<LoggedIn['run']> =>
      client.run(
        'crane',
        'push',
        '--insecure',
        join(client.folder, folder),
        `${gateway.host}/${to}`,
      );

    expect(await push('first', `${APP}:${tag}`)).toMatchObject({ code: 0 });
    expect(await push('first', `${APP}:${tag}`)).toMatchObject({ code: 0 });
    const refusedPush = await push('second', `${APP}:${tag}`);
    expect(refusedPush.code).not.toBe(0);
    expect(refusedPush.said).toMatch(/was written by builder/);
    expect((await push('second', `${APP}:latest`)).said).toMatch(/latest is refused/);
    expect((await push('second', 'channels/prod/checkout:stable')).said).toMatch(
      /may not write a channel/,
    );
  });

  it('outlives its deletion: the same digest may come back, no other', async () => {
    const tag = nextTag();
    const [ours, other] = [await prepared(APP, 'ours'), await prepared(APP, 'other')];
    await putManifest(robot, APP, tag, ours);

    expect((await call(robot, `/v2/${APP}/manifests/${tag}`, { method: 'DELETE' })).status).toBe(
      403,
    );
    expect((await call(system, `/v2/${APP}/manifests/${tag}`, { method: 'DELETE' })).status).toBe(
      202,
    );
    expect(await stores.inventory.getTag(APP, tag)).toBeNull();
    expect((await putManifest(robot, APP, tag, other)).status).toBe(409);
    expect((await putManifest(robot, APP, tag, ours)).status).toBe(201);
    expect(await tagInRegistry(APP, tag)).toBe(ours.digest);
  });
});

describe('an index with what BuildKit attests', () => {
  it('is taken, and its manifests can’t be deleted below it', async () => {
    const tag = nextTag();
    const input = { repository: APP, labels: LABELS, provenance: { buildDefinition: {} } };

    const image = await pushImage(robot, input, tag);

    const [child] = image.manifests;
    const remove = (digest: string): Promise<Response> =>
      call(system, `/v2/${APP}/manifests/${digest}`, { method: 'DELETE' });
    expect((await remove(sha256(child!.bytes))).status).toBe(409);
    expect((await remove(image.digest)).status).toBe(202);
    expect((await remove(sha256(child!.bytes))).status).toBe(202);
    expect(await stores.inventory.getManifest(APP, image.digest)).toBeNull();
  });

  it('is refused when its image has no labels', async () => {
    const input = { repository: APP, labels: { seed: 'bare' }, index: true };

    await expect(pushImage(robot, input, nextTag())).rejects.toThrow(/required-labels/);
  });
});

describe('a moving tag', () => {
  it('is in the inventory what it is in the registry, after any race', async () => {
    const repository = 'scratch/race';
    const rivals = await Promise.all(
      Array.from({ length: 24 }, (_, at) => prepared(repository, `mover ${at}`)),
    );

    const answers = await Promise.all(
      rivals.map((rival) => putManifest(robot, repository, 'v1', rival)),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const recorded = await stores.inventory.getTag(repository, 'v1');
    expect(recorded?.digest).toBe(await tagInRegistry(repository, 'v1'));
  });
});

describe('a chart', () => {
  it('is pushed by helm to its own place, by its own version, once', async () => {
    const folder = join(client.folder, 'checkout');
    await mkdir(join(folder, 'templates'), { recursive: true });
    const pack = async (version: string, description: string): Promise<string> => {
      const chart = `apiVersion: v2\nname: checkout\nversion: ${version}\ndescription: ${description}\n`;
      await writeFile(join(folder, 'Chart.yaml'), chart);
      await writeFile(join(folder, 'templates', 'one.yaml'), 'kind: ConfigMap\n');
      await client.must('helm', 'package', folder, '--destination', client.folder);
      return join(client.folder, `checkout-${version}.tgz`);
    };
    const push = (file: string, to: string): ReturnType<LoggedIn['run']> =>
      client.run('helm', 'push', file, `oci://${gateway.host}/${to}`, '--plain-http');

    const file = await pack('1.2.0', 'first');
    expect(await push(file, 'charts')).toMatchObject({ code: 0 });
    expect((await push(file, 'apps/checkout')).code).not.toBe(0);
    expect(await push(await pack('1.3.0+build.7', 'with build'), 'charts')).toMatchObject({
      code: 0,
    });
    const changed = await push(await pack('1.2.0', 'changed'), 'charts');
    expect(changed.said).toMatch(/was written by builder/);
    const pulled = [
      'pull',
      `oci://${gateway.host}/charts/checkout`,
      '--version',
      '1.2.0',
      '--plain-http',
    ];
    await client.must('helm', ...pulled, '--destination', folder);
  });
});

describe('the notifications of a real registry', () => {
  it('of a push around the gateway become record and event; of our own nothing', async () => {
    const tag = nextTag();
    const ours = await prepared(APP, 'told');
    await putManifest(robot, APP, tag, ours);

    const stranger = await pushTestImage(registry.url, { repository: 'apps/checkout/stranger' });

    const events = await until(async () => {
      const all = await stores.inventory.listEvents({ kind: 'around-gateway', limit: 100 });
      return all.some(({ reference }) => reference === stranger) ? all : null;
    });
    expect(events.map(({ repository }) => repository)).toEqual(['apps/checkout/stranger']);
    const record = await stores.inventory.getManifest('apps/checkout/stranger', stranger);
    expect(record?.edges).toHaveLength(2);
  });

  it('of a write-once tag that was moved are an alarm', async () => {
    const tag = nextTag();
    const [ours, theirs] = [await prepared(APP, 'claimed'), await prepared(APP, 'intruder')];
    await putManifest(robot, APP, tag, ours);

    await putManifest({ url: registry.url, basic: '' }, APP, tag, theirs);

    const drift = await until(async () => {
      const all = await stores.inventory.listEvents({ kind: 'drift', limit: 100 });
      return all.find(({ reference }) => reference === tag);
    });
    expect(drift.detail).toMatchObject({ claimed: ours.digest, found: theirs.digest });
    expect((await stores.inventory.getTag(APP, tag))?.digest).toBe(ours.digest);
    expect((await putManifest(robot, APP, tag, ours)).status).toBe(201);
    expect(await tagInRegistry(APP, tag)).toBe(ours.digest);
  });

  it('are taken from the registry alone', async () => {
    const answer = await fetch(`${gateway.url}/notifications`, {
      method: 'POST',
      headers: { 'content-type': NOTIFICATION_TYPE, authorization: robot.basic },
      body: bytesOf({ events: [] }),
    });

    expect(answer.status).toBe(401);
  });
});
