import { randomUUID } from 'node:crypto';
import {
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { ReleaseError } from '../../contract/errors';
import type { WormVersion } from '../../domain/worm/manifest';
import type { WormPut, WormStore } from '../../ports/worm-store';
import { openBucket, type Bucket, type S3Options } from './bucket';
import { corrupt, nameOf, wormError } from './failures';
import { upload } from './upload';

const ABSENT: readonly string[] = ['NotFound', 'NoSuchKey', 'NoSuchVersion'];
const UNMET: readonly string[] = ['PreconditionFailed', 'NotImplemented'];
const NO_LOCK = 'NoSuchObjectLockConfiguration';

async function check({ client, name }: Bucket): Promise<void> {
  const answer = await client.send(new GetObjectLockConfigurationCommand({ Bucket: name }));
  if (answer.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled') return;
  throw wormError(`bucket ${name}`, { name: 'ObjectLockConfigurationNotFoundError' });
}

/** The newest version of the key, where it has the size. */
async function find(bucket: Bucket, { key, size }: WormPut): Promise<WormVersion | null> {
  try {
    const head = await bucket.client.send(
      new HeadObjectCommand({ Bucket: bucket.name, Key: `${bucket.prefix}${key}` }),
    );
    const { VersionId: version, ContentLength: length } = head;
    return version !== undefined && length === size ? { key, version } : null;
  } catch (error) {
    if (ABSENT.includes(nameOf(error))) return null;
    throw error;
  }
}

async function lockOf(bucket: Bucket, { key, version }: WormVersion): Promise<string | null> {
  const at = { Bucket: bucket.name, Key: `${bucket.prefix}${key}`, VersionId: version };
  try {
    const { Retention: lock } = await bucket.client.send(new GetObjectRetentionCommand(at));
    if (lock?.Mode !== 'COMPLIANCE') return null;
    return lock.RetainUntilDate?.toISOString() ?? null;
  } catch (error) {
    if (nameOf(error) === NO_LOCK) return null;
    if (ABSENT.includes(nameOf(error))) throw corrupt(`${key} (${version})`, 'it is gone');
    throw error;
  }
}

async function lock(bucket: Bucket, version: WormVersion, until: string): Promise<void> {
  const now = await lockOf(bucket, version);
  if (now !== null && Date.parse(now) >= Date.parse(until)) return;
  await bucket.client.send(
    new PutObjectRetentionCommand({
      ...{ Bucket: bucket.name, Key: `${bucket.prefix}${version.key}` },
      VersionId: version.version,
      Retention: { Mode: 'COMPLIANCE', RetainUntilDate: new Date(until) },
    }),
  );
}

/** What the content's source throws is told as it is; the SDK would call it a failed request. */
function watched(chunks: AsyncIterable<Uint8Array>): {
  readonly chunks: AsyncIterable<Uint8Array>;
  failure(): ReleaseError | null;
} {
  let failure: ReleaseError | null = null;
  async function* watching(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* chunks;
    } catch (error) {
      if (error instanceof ReleaseError) failure = error;
      throw error;
    }
  }
  return { chunks: watching(), failure: () => failure };
}

async function store(bucket: Bucket, object: WormPut): Promise<WormVersion> {
  const { key, digest, size, lockUntil, fresh = false } = object;
  const source = watched(await object.open());
  const { chunks } = source;
  try {
    const name = { key: `${bucket.prefix}${key}`, onlyFirst: !fresh };
    const made = await upload(bucket, { ...name, digest, size, lockUntil, chunks });
    if (made === undefined) throw wormError(key, { name: 'InvalidBucketState' });
    return { key, version: made };
  } catch (error) {
    throw source.failure() ?? error;
  }
}

/** What is there is something else, or a delete marker; or this store knows no such condition. */
async function storeOver(bucket: Bucket, object: WormPut): Promise<WormVersion> {
  try {
    return await store(bucket, { ...object, fresh: true });
  } catch (error) {
    // Some stores lock nothing over a delete marker: then it lies beside, and the manifest says where.
    if (nameOf(error) !== 'MethodNotAllowed') throw error;
    const key = `${object.key}.${randomUUID()}`;
    return store(bucket, { ...object, key, fresh: true });
  }
}

async function put(bucket: Bucket, object: WormPut): Promise<WormVersion> {
  const before = object.fresh ? null : await find(bucket, object);
  if (before) {
    await lock(bucket, before, object.lockUntil);
    return before;
  }
  try {
    return await store(bucket, object);
  } catch (error) {
    if (object.fresh || error instanceof ReleaseError) throw error;
    // Another copy was faster, and the store hung up in the middle of ours; or it has it and its answer was lost.
    const other = await find(bucket, object);
    if (!other && UNMET.includes(nameOf(error))) return storeOver(bucket, object);
    if (!other) throw error;
    await lock(bucket, other, object.lockUntil);
    return other;
  }
}

async function read(
  bucket: Bucket,
  { key, version }: WormVersion,
): Promise<AsyncIterable<Uint8Array>> {
  const at = { Bucket: bucket.name, Key: `${bucket.prefix}${key}`, VersionId: version };
  try {
    const { Body: body } = await bucket.client.send(new GetObjectCommand(at));
    return checked(key, body as AsyncIterable<Uint8Array> | undefined);
  } catch (error) {
    if (ABSENT.includes(nameOf(error))) throw corrupt(`${key} (${version})`, 'it is gone');
    throw error;
  }
}

async function* checked(
  key: string,
  body: AsyncIterable<Uint8Array> | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body ?? [];
  } catch (error) {
    throw wormError(`read ${key}`, error);
  }
}

/** S3 with Object Lock in compliance mode: AWS, and what speaks its protocol. */
export function createS3WormStore(options: S3Options): WormStore {
  const bucket = openBucket(options);
  const told = async <T>(what: string, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw wormError(what, error);
    });
  return {
    check: () => told(`bucket ${bucket.name}`, check(bucket)),
    put: (object) => told(`put ${object.key}`, put(bucket, object)),
    read: (version) => told(`read ${version.key}`, read(bucket, version)),
    lockOf: (version) => told(`lock of ${version.key}`, lockOf(bucket, version)),
    lock: (version, until) => told(`lock ${version.key}`, lock(bucket, version, until)),
  };
}
