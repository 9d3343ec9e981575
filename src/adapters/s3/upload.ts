import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import type { WormPut } from '../../ports/worm-store';
import type { Bucket } from './bucket';
import { corrupt } from './failures';

/** S3's own limit. */
const MAX_PARTS = 10_000;

/** What one upload needs of its object. */
type Upload = Omit<WormPut, 'open' | 'fresh'> & {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** False: another version of the key may be there. */
  readonly onlyFirst: boolean;
};

const base64OfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

function lockOf({ lockUntil }: Upload): {
  readonly ObjectLockMode: 'COMPLIANCE';
  readonly ObjectLockRetainUntilDate: Date;
} {
  return { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date(lockUntil) };
}

async function putWhole(bucket: Bucket, upload: Upload): Promise<string | undefined> {
  const { key, digest, size, chunks, onlyFirst } = upload;
  const body = Readable.from(chunks, { objectMode: false });
  const broken = new AbortController();
  // The SDK would wait for the rest of it.
  body.once('error', () => {
    broken.abort();
  });
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: key,
    Body: body,
    ContentLength: size,
    // The store refuses what does not hash to it.
    ChecksumSHA256: base64OfHex(digest.slice('sha256:'.length)),
    ...(onlyFirst && { IfNoneMatch: '*' }),
    ...lockOf(upload),
  });
  const answer = await bucket.client.send(command, { abortSignal: broken.signal });
  return answer.VersionId;
}

async function* inParts(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    while (size >= partBytes) {
      const all = Buffer.concat(waiting, size);
      yield all.subarray(0, partBytes);
      waiting = [all.subarray(partBytes)];
      size -= partBytes;
    }
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}

/** S3 knows the hash of each part and none of the whole (AWS, "Checking object integrity"): that one is ours to check. */
async function putParts(
  bucket: Bucket,
  upload: Upload,
  uploadId: string,
): Promise<readonly CompletedPart[]> {
  const { key, digest, size, chunks } = upload;
  const whole = createHash('sha256');
  const parts: CompletedPart[] = [];
  const partBytes = Math.max(bucket.partBytes, Math.ceil(size / MAX_PARTS));
  for await (const body of inParts(chunks, partBytes)) {
    whole.update(body);
    const checksum = createHash('sha256').update(body).digest('base64');
    const part = {
      ...{ Bucket: bucket.name, Key: key, UploadId: uploadId, PartNumber: parts.length + 1 },
      ...{ Body: body, ChecksumSHA256: checksum },
    };
    const { ETag: etag } = await bucket.client.send(new UploadPartCommand(part));
    parts.push({ PartNumber: part.PartNumber, ETag: etag, ChecksumSHA256: checksum });
  }
  const found = `sha256:${whole.digest('hex')}`;
  if (found !== digest) throw corrupt(`content of ${digest}`, `the source served ${found}`);
  return parts;
}

async function putInParts(bucket: Bucket, upload: Upload): Promise<string | undefined> {
  const at = { Bucket: bucket.name, Key: upload.key };
  const begun = await bucket.client.send(
    new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'SHA256', ...lockOf(upload) }),
  );
  const { UploadId: uploadId = '' } = begun;
  try {
    const parts = await putParts(bucket, upload, uploadId);
    const answer = await bucket.client.send(
      new CompleteMultipartUploadCommand({
        ...at,
        UploadId: uploadId,
        MultipartUpload: { Parts: [...parts] },
        ...(upload.onlyFirst && { IfNoneMatch: '*' }),
      }),
    );
    return answer.VersionId;
  } catch (error) {
    // What can't be taken away now goes by the bucket's lifecycle rule (docs/worm.md).
    await bucket.client
      .send(new AbortMultipartUploadCommand({ ...at, UploadId: uploadId }))
      .catch(() => undefined);
    throw error;
  }
}

/** The version that was made. Never more than a part is in memory. */
export function upload(bucket: Bucket, object: Upload): Promise<string | undefined> {
  return object.size > bucket.partBytes ? putInParts(bucket, object) : putWhole(bucket, object);
}
