import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBufferPool, type BufferPool } from '../../../../src/gateway/storage/buffer-pool';
import { sendFile } from '../../../../src/gateway/storage/send-file';

const READ = 1000;
const SIZE = 123_456;
/** More than the kernel holds on the way between two sockets. */
const LARGE = 64 * 1024 * 1024;

interface CountedPool extends BufferPool {
  readonly taken: number;
  readonly given: number;
}

function countedPool(bytes = READ): CountedPool {
  const inner = createBufferPool(bytes, 8);
  const counts = { taken: 0, given: 0 };
  return Object.assign(counts, {
    take: () => {
      counts.taken += 1;
      return inner.take();
    },
    give: (buffer: Buffer) => {
      counts.given += 1;
      inner.give(buffer);
    },
  });
}

const content = randomBytes(SIZE);
let folder: string;
let file: FileHandle;
let server: Server;
let ours: Socket;
let peer: Socket;

async function openFile(bytes: Buffer): Promise<FileHandle> {
  const name = join(folder, `file-${randomBytes(4).toString('hex')}`);
  await writeFile(name, bytes);
  return open(name);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-send-file-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  file = await openFile(content);
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  peer.on('error', () => undefined);
  [ours] = await accepted;
  ours.on('error', () => undefined);
});

afterEach(async () => {
  await file.close();
  ours.destroy();
  peer.destroy();
  server.close();
});

async function received(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of peer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const nothing = (): void => undefined;

describe('a file to a socket', () => {
  it.each([
    ['all of it', 0, SIZE],
    ['a part of it', 777, 54_321],
    ['its last byte', SIZE - 1, 1],
    ['less than one read', 5, 10],
    ['exactly one read', 0, READ],
  ])('sends %s, in order', async (_what, start, length) => {
    const pool = countedPool();
    const listeners = ours.listenerCount('close');
    const got = received();

    const sending = { fd: file.fd, start, length, socket: ours, onBegin: nothing };
    const sent = await sendFile(sending, pool);
    const left = ours.listenerCount('close') - listeners;
    ours.end();

    expect(sent).toBe('whole');
    expect(Buffer.compare(await got, content.subarray(start, start + length))).toBe(0);
    expect([pool.given, left]).toEqual([pool.taken, 0]);
  });

  it('sends what the beginning writes before the first byte', async () => {
    const onBegin = (): void => {
      ours.write('head ');
    };

    const got = received();
    await sendFile({ fd: file.fd, start: 0, length: 3, socket: ours, onBegin }, countedPool());
    ours.end();

    const wanted = Buffer.concat([Buffer.from('head '), content.subarray(0, 3)]);
    expect(Buffer.compare(await got, wanted)).toBe(0);
  });

  it('begins, and ends, where there is not a byte', async () => {
    const onBegin = jest.fn();
    const pool = countedPool();

    const sent = await sendFile({ fd: file.fd, start: 0, length: 0, socket: ours, onBegin }, pool);

    expect([sent, onBegin.mock.calls.length, pool.taken]).toEqual(['whole', 1, 0]);
  });

  it('does not begin when nothing can be read', async () => {
    const onBegin = jest.fn();
    const pool = countedPool();
    const sending = { fd: file.fd, start: SIZE, length: 10, socket: ours, onBegin };

    expect(await sendFile(sending, pool)).toBe('unread');
    expect(onBegin).not.toHaveBeenCalled();
    expect(pool.given).toBe(pool.taken);
  });

  it('says that it broke off when the file is shorter than it was', async () => {
    const sending = { fd: file.fd, start: 0, length: SIZE + 1, socket: ours, onBegin: nothing };

    expect(await sendFile(sending, countedPool())).toBe('broken');
  });

  it('has nothing to do for who has gone already', async () => {
    ours.destroy();
    const onBegin = jest.fn();

    const sending = { fd: file.fd, start: 0, length: SIZE, socket: ours, onBegin };

    expect(await sendFile(sending, countedPool())).toBe('gone');
    expect(onBegin).not.toHaveBeenCalled();
  });

  it('reads no further than two reads ahead of a slow peer, and ends when that goes', async () => {
    const large = await openFile(Buffer.alloc(LARGE, 1));
    const pool = countedPool(64 * 1024);
    const sending = { fd: large.fd, start: 0, length: LARGE, socket: ours, onBegin: nothing };

    const sent = sendFile(sending, pool);
    await sleep(300);
    const { bytesWritten, writableLength } = ours;
    peer.destroy();

    expect(await sent).toBe('gone');
    expect(bytesWritten).toBeLessThan(LARGE);
    expect(writableLength).toBeLessThanOrEqual(2 * 64 * 1024);
    expect([pool.taken, pool.given]).toEqual([2, 2]);
    await large.close();
  });

  it('keeps the bytes right for a peer that takes them in fits', async () => {
    const bytes = randomBytes(8 * 1024 * 1024);
    const large = await openFile(bytes);
    const pool = countedPool(64 * 1024);
    const hash = createHash('sha256');
    let count = 0;
    peer.on('data', (chunk) => {
      hash.update(chunk);
      count += 1;
      if (count % 8 !== 0) return;
      peer.pause();
      setTimeout(() => peer.resume(), 1);
    });

    const ended = once(peer, 'end');
    const sending = { fd: large.fd, start: 0, length: bytes.length, socket: ours };
    const sent = await sendFile({ ...sending, onBegin: nothing }, pool);
    ours.end();
    await ended;
    await large.close();

    expect(sent).toBe('whole');
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});
