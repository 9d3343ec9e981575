import { randomBytes } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import type { S3Options } from '../../src/adapters/s3/bucket';
import { createS3WormStore } from '../../src/adapters/s3/worm-store';
import { codeOf } from '../support/contracts/ledger-builders';
import { describeWormStoreContract, wormPut } from '../support/contracts/worm-store';
import { startS3, type S3Server } from '../support/s3-server';

let server: S3Server;
let options: S3Options;
beforeAll(async () => {
  server = await startS3();
  options = await server.makeBucket('incidents');
}, 30_000);
afterAll(() => server.stop());

describeWormStoreContract('S3 with Object Lock', () => createS3WormStore(options));

describe('what is locked', () => {
  async function locked(): Promise<{ Bucket: string; Key: string; VersionId: string }> {
    const stored = await createS3WormStore(options).put(wormPut(randomBytes(500)));
    return { Bucket: 'incidents', Key: `plura/${stored.key}`, VersionId: stored.version };
  }

  it('can not be deleted by the owner of the store', async () => {
    const at = await locked();

    const deletion = server.client.send(new DeleteObjectCommand(at));

    await expect(deletion).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(
      server.client.send(new DeleteObjectCommand({ ...at, BypassGovernanceRetention: true })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('can not be locked for less, nor less strictly', async () => {
    const at = await locked();

    for (const Mode of ['COMPLIANCE', 'GOVERNANCE'] as const) {
      const RetainUntilDate = new Date(Date.now() + 60_000);
      const change = new PutObjectRetentionCommand({ ...at, Retention: { Mode, RetainUntilDate } });
      await expect(server.client.send(change)).rejects.toMatchObject({ name: 'AccessDenied' });
    }

    const { Retention } = await server.client.send(new GetObjectRetentionCommand(at));
    expect(Retention?.Mode).toBe('COMPLIANCE');
  });

  it('stays readable below what is laid over it, and below a delete marker', async () => {
    const store = createS3WormStore(options);
    const content = randomBytes(700);
    const stored = await store.put(wormPut(content));
    const over = { Bucket: 'incidents', Key: `plura/${stored.key}` };

    await server.client.send(new PutObjectCommand({ ...over, Body: 'something else' }));
    await server.client.send(new DeleteObjectCommand(over));

    const parts: Uint8Array[] = [];
    for await (const chunk of await store.read(stored)) parts.push(chunk);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  });
});

it.each([
  ['a delete marker', null],
  ['something else', Buffer.from('something else')],
])('stores content again where %s lies over it', async (_what, over) => {
  const store = createS3WormStore(options);
  const content = randomBytes(700);
  const stored = await store.put(wormPut(content));
  const at = { Bucket: 'incidents', Key: `plura/${stored.key}` };
  if (over) await server.client.send(new PutObjectCommand({ ...at, Body: over }));
  else await server.client.send(new DeleteObjectCommand(at));

  const again = await store.put(wormPut(content));

  expect(again.version).not.toBe(stored.version);
  expect(again.key.startsWith(stored.key)).toBe(true);
  expect(await store.lockOf(again)).not.toBeNull();
});

it.each([
  ['without Object Lock', 'plain'],
  ['that is not there', 'nowhere'],
])('a bucket %s is refused', async (_why, bucket) => {
  if (bucket === 'plain') await server.makeBucket(bucket, false);
  const store = createS3WormStore({ ...options, bucket });

  expect(await codeOf(store.check())).toBe('WORM_REFUSED');
});

it('a store that is away can be asked again', async () => {
  const store = createS3WormStore({ ...options, endpoint: 'http://127.0.0.1:1' });

  expect(await codeOf(store.check())).toBe('WORM_UNAVAILABLE');
  expect(await codeOf(store.put(wormPut(Buffer.from('a'))))).toBe('WORM_UNAVAILABLE');
});

it('an upload that fails leaves no parts behind', async () => {
  const { digest } = wormPut(randomBytes(10));
  const object = { ...wormPut(randomBytes(11 * 1024 ** 2)), digest, key: 'blobs/left' };
  await codeOf(createS3WormStore(options).put(object));

  const left = await server.client.send(new ListMultipartUploadsCommand({ Bucket: 'incidents' }));

  expect(left.Uploads ?? []).toEqual([]);
});
