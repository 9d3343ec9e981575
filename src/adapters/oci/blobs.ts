import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import { imageReference, type ImageRef } from '../../domain/reference';
import { networkError } from './errors';
import type { OciHttp, OciResponse } from './http';
import { assertDigest, repositoryPath, scope } from './names';
import { sha256 } from './schema';

const OCTETS = 'application/octet-stream';

function blobPath({ repository, digest }: ImageRef): string {
  return `${repositoryPath(repository)}/blobs/${assertDigest(digest)}`;
}

function getBlobResponse(http: OciHttp, image: ImageRef): Promise<OciResponse> {
  return http.send({
    method: 'GET',
    path: blobPath(image),
    scopes: [scope(image.repository, 'pull')],
  });
}

function corrupt(image: ImageRef, found: string): ReleaseError {
  return networkError(
    `blob ${imageReference(image)}`,
    new Error(`the registry served bytes of ${found}`),
  );
}

function tooBig(image: ImageRef, maxBytes: number): ReleaseError {
  return new ReleaseError(
    'INVALID_INPUT',
    `blob ${imageReference(image)} is over ${maxBytes} bytes`,
    {
      details: { remedy: 'check what was pushed there', maxBytes },
    },
  );
}

export async function hasBlob(http: OciHttp, image: ImageRef): Promise<boolean> {
  const { status } = await http.send({
    method: 'HEAD',
    path: blobPath(image),
    scopes: [scope(image.repository, 'pull')],
    accept: [404],
  });
  return status !== 404;
}

/** Unchecked: whoever reads it hashes it. */
export async function openBlob(http: OciHttp, image: ImageRef): Promise<AsyncIterable<Uint8Array>> {
  return (await getBlobResponse(http, image)).chunks();
}

export async function getBlob(http: OciHttp, image: ImageRef, maxBytes: number): Promise<Buffer> {
  const bytes = await (await getBlobResponse(http, image)).read(maxBytes);
  const found = sha256(bytes);
  if (found !== image.digest) {
    throw corrupt(image, found);
  }
  return bytes;
}

/** Nothing is at `file` until all bytes are there and hash to the digest. */
export async function downloadBlob(
  http: OciHttp,
  image: ImageRef,
  file: string,
  maxBytes = Infinity,
): Promise<void> {
  const response = await getBlobResponse(http, image);
  const partial = `${file}.${randomUUID()}.partial`;
  const hash = createHash('sha256');
  let size = 0;
  try {
    await pipeline(
      response.chunks(),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          size += chunk.length;
          if (size > maxBytes) throw tooBig(image, maxBytes);
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(partial, { flags: 'wx' }),
    );
    const found = `sha256:${hash.digest('hex')}`;
    if (found !== image.digest) {
      throw corrupt(image, found);
    }
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Where to send an upload's bytes, with the digest that closes it (distribution-spec, "POST then PUT"). */
function uploadUrl(location: string | null, digest: Digest): string {
  if (location === null) {
    throw networkError('blob upload', new Error('the registry gave no upload location'));
  }
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

export async function pushBlob(http: OciHttp, repository: string, bytes: Buffer): Promise<void> {
  const blob = { repository, digest: sha256(bytes) };
  if (!(await hasBlob(http, blob))) await pushStream(http, blob, bytes);
}

/** The registry refuses what does not hash to the digest (distribution-spec, "POST then PUT"). */
export async function pushStream(
  http: OciHttp,
  { repository, digest }: ImageRef,
  body: Buffer | AsyncIterable<Uint8Array>,
): Promise<void> {
  const scopes = [scope(repository, 'push')];
  const path = `${repositoryPath(repository)}/blobs/uploads/`;
  const { headers } = await http.send({ method: 'POST', path, scopes });
  await http.send({
    method: 'PUT',
    path: uploadUrl(headers.get('location'), digest),
    scopes,
    headers: { 'content-type': OCTETS },
    body,
  });
}

/** Cross-repository mount; where the registry will not mount it answers 202 and the bytes are streamed. */
export async function mountBlob(http: OciHttp, blob: ImageRef, to: string): Promise<void> {
  const { repository: from, digest } = blob;
  const scopes = [scope(to, 'push'), scope(from, 'pull')];
  const query = new URLSearchParams({ mount: digest, from });
  const { status, headers } = await http.send({
    method: 'POST',
    path: `${repositoryPath(to)}/blobs/uploads/?${query.toString()}`,
    scopes,
  });
  if (status === 201) {
    return;
  }
  const source = await getBlobResponse(http, blob);
  await http.send({
    method: 'PUT',
    path: uploadUrl(headers.get('location'), digest),
    scopes,
    headers: { 'content-type': OCTETS },
    body: source.chunks(),
  });
}
