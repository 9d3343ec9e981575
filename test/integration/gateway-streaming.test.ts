import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBlobClient, generateBlob, Vanished, type BlobClient } from '../support/blob-traffic';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { connectionsAt } from '../support/process-facts';
import { startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(120_000);

const REPOSITORY = 'scratch/streams';
const CLIENTS = 24;
/** More than the sockets between client and registry may hold by themselves. */
const ENDLESS_MB = 256;

let registry: RegistryServer;
let gateway: GatewayServer;

beforeAll(async () => {
  registry = await startRegistry();
});

afterAll(() => registry.stop());

beforeEach(async () => {
  gateway = await startGateway({ backendUrl: registry.url });
});

afterEach(() => gateway.close());

function client(): BlobClient {
  return createBlobClient({ port: gateway.port, basic: gateway.basic('pusher') });
}

const toRegistry = (): number => connectionsAt(process.pid, Number(new URL(registry.url).port));
const toGateway = (): number => connectionsAt(process.pid, gateway.port);

/** Longer than an idle connection is kept for the next request, and far shorter than one that is stuck would stay. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 800 && !isSo(); tries += 1) await sleep(25);
}

async function openUploads(): Promise<number> {
  return (await gateway.deps.metrics.openUploads.get()).values[0]?.value ?? 0;
}

async function inParallel<T>(work: (one: BlobClient, index: number) => Promise<T>): Promise<T[]> {
  const clients = Array.from({ length: CLIENTS }, client);
  try {
    return await Promise.all(clients.map(work));
  } finally {
    clients.forEach((one) => {
      one.close();
    });
  }
}

describe('streams through the gateway', () => {
  it('carries many large blobs at once, each to its last byte', async () => {
    const blobs = Array.from({ length: CLIENTS }, () => generateBlob(8));

    const pulled = await inParallel(async (one, index) => {
      const blob = blobs[index]!;
      await one.push(REPOSITORY, blob);
      return one.pull(REPOSITORY, blob.digest);
    });

    expect(pulled).toEqual(blobs.map(({ digest }) => digest));
  });

  it('leaves nothing open after clients that vanish while they push', async () => {
    const blobs = Array.from({ length: CLIENTS }, () => generateBlob(4));

    const outcomes = await inParallel((one, index) =>
      one
        .push(REPOSITORY, blobs[index]!, (index % 4) * 1024 * 1024)
        .catch((error: unknown) => error),
    );
    await until(() => toGateway() === 0);

    expect(outcomes.every((outcome) => outcome instanceof Vanished)).toBe(true);
    expect(toGateway()).toBe(0);
    expect(await openUploads()).toBe(0);
    // What is left are connections for the next requests, one a client at most; with the gateway they go.
    expect(toRegistry()).toBeLessThanOrEqual(CLIENTS);
    await gateway.close();
    await until(() => toRegistry() === 0);
    expect(toRegistry()).toBe(0);
  });

  it('leaves nothing open after clients that vanish while they pull', async () => {
    const blob = generateBlob(16);
    const pusher = client();
    await pusher.push(REPOSITORY, blob);
    pusher.close();

    const outcomes = await inParallel((one, index) =>
      one.pull(REPOSITORY, blob.digest, 1 + index * 1024).catch((error: unknown) => error),
    );
    await until(() => toGateway() === 0 && toRegistry() <= 1);

    expect(outcomes.every((outcome) => outcome instanceof Vanished)).toBe(true);
    expect(toGateway()).toBe(0);
    // A half-read answer is no use to anyone: its connection is ended, not kept.
    expect(toRegistry()).toBeLessThanOrEqual(1);
  });

  it('holds back what a slow client does not take', async () => {
    const blob = generateBlob(96);
    const pusher = client();
    await pusher.push(REPOSITORY, blob);
    pusher.close();
    const before = process.memoryUsage().arrayBuffers;

    const asked = request(`${gateway.url}/v2/${REPOSITORY}/blobs/${blob.digest}`, {
      headers: { authorization: gateway.basic('pusher') },
    }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    await sleep(1_000);
    const held = process.memoryUsage().arrayBuffers - before;
    let received = 0;
    for await (const chunk of answer) received += (chunk as Buffer).length;

    expect(held).toBeLessThan(16 * 1024 * 1024);
    expect(received).toBe(blob.size);
  });

  it('holds back a fast client when the registry takes nothing', async () => {
    const stuck = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(stuck, 'listening');
    const { port } = stuck.address() as AddressInfo;
    const held = await startGateway({ backendUrl: `http://127.0.0.1:${port}` });
    const sent = request(`${held.url}/v2/${REPOSITORY}/blobs/uploads/1`, {
      method: 'PATCH',
      headers: { authorization: held.basic('pusher') },
    });
    sent.on('error', () => undefined);
    const chunk = Buffer.alloc(1024 * 1024);
    let taken = 0;

    // Until nothing was taken for a second: what the kernel holds on the way is full.
    while (taken < ENDLESS_MB) {
      const more = sent.write(chunk) || (await Promise.race([once(sent, 'drain'), sleep(1_000)]));
      if (!more) break;
      taken += 1;
    }
    sent.destroy();
    await held.close();
    stuck.closeAllConnections();
    stuck.close();

    expect(taken).toBeLessThan(ENDLESS_MB);
  });
});
