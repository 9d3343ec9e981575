import { sha256 } from '../../../../src/adapters/oci/schema';
import type { Digest } from '../../../../src/domain/digest';
import { referrersTag } from '../../../../src/domain/registry/referrers-index';
import type { Length } from '../../../../src/gateway/storage/file-reads';
import {
  createFolderEvidence,
  type FolderEvidence,
} from '../../../../src/gateway/evidence/folder-evidence';

const MANIFEST = Buffer.from('{"schemaVersion":2,"layers":[]}');
const NO_REFERRERS = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const DIGEST = sha256(MANIFEST);
const hexOf = (digest: Digest): string => digest.slice('sha256:'.length);
/** Bytes by a part of their path, and a link for each. */
const FILES: Readonly<Record<string, Buffer>> = {
  [`${referrersTag(DIGEST)}/current/link`]: Buffer.from(sha256(NO_REFERRERS)),
  [`${hexOf(DIGEST)}/data`]: MANIFEST,
  [`${hexOf(sha256(NO_REFERRERS))}/data`]: NO_REFERRERS,
};

let nowMs: number;
let readMs: number;
let reads: number;
let slow: number[];
/** That passes after each read. */
let otherMs: number;
let files: Readonly<Record<string, Buffer>>;
let asked: Length[];
let evidence: FolderEvidence;

async function read<T>(value: T): Promise<T> {
  reads += 1;
  nowMs += readMs;
  await Promise.resolve();
  nowMs += otherMs;
  return value;
}

beforeEach(() => {
  nowMs = 0;
  readMs = 0.1;
  reads = 0;
  slow = [];
  otherMs = 0;
  files = FILES;
  asked = [];
  evidence = createFolderEvidence({
    dir: '/registry',
    onSlow: (tookMs) => slow.push(tookMs),
    reads: {
      whole: (file, length) => {
        asked.push(length);
        const bytes = Object.entries(files).find(([end]) => file.endsWith(end))?.[1] ?? null;
        const isLonger = bytes !== null && 'maxBytes' in length && bytes.length > length.maxBytes;
        return read(isLonger ? null : bytes);
      },
      size: () => read(71),
    },
    clock: () => nowMs,
  });
});

const gather = async (): Promise<number | null> =>
  (await evidence.gather('apps/a/a', DIGEST, null))?.manifests.size ?? null;

it('is what the folder holds', async () => {
  expect(await gather()).toBe(1);
  expect(slow).toEqual([]);
});

it('is left to the usual way where the folder lacks a part', async () => {
  expect(await evidence.gather('apps/a/a', sha256(Buffer.from('another')), null)).toBeNull();
  expect(await gather()).toBe(1);
});

it('is left to the usual way for a minute once reads took long, which is told once', async () => {
  readMs = 15;
  expect(await gather()).toBeNull();
  const before = reads;
  readMs = 0.1;

  expect(await gather()).toBeNull();
  expect(reads).toBe(before);
  nowMs += 60_000;
  expect(await gather()).toBe(1);

  expect(before).toBe(2);
  expect(slow).toEqual([30]);
});

it('is left to the usual way for a minute once all reads of a second took half of it', async () => {
  readMs = 2;
  const each = await manyTimes(80);

  expect(each.filter((found) => found === null).length).toBeGreaterThan(0);
  expect(slow).toHaveLength(1);
  expect(slow[0]).toBeGreaterThan(500);
});

it('gives up on what takes long beside its reads, and says nothing of the disk', async () => {
  otherMs = 30;

  expect(await gather()).toBeNull();
  expect(slow).toEqual([]);
  otherMs = 0;
  expect(await gather()).toBe(1);
});

it('leaves a large file to the usual way', async () => {
  const LARGE = { ...FILES, [`${hexOf(DIGEST)}/data`]: Buffer.alloc(600 * 1024) };
  files = LARGE;

  expect(await gather()).toBeNull();
  expect(asked.filter((length) => 'maxBytes' in length && length.maxBytes > 512 * 1024)).toEqual(
    [],
  );
});

it('does not read what is told to be large', async () => {
  const config = { digest: DIGEST, size: 600 * 1024 };
  const image = Buffer.from(JSON.stringify({ schemaVersion: 2, layers: [], config }));
  files = { ...FILES, [`${hexOf(sha256(image))}/data`]: image };

  expect(await evidence.gather('apps/a/a', sha256(image), null)).toBeNull();
  expect(asked.filter((length) => 'size' in length)).toEqual([]);
});

async function manyTimes(times: number): Promise<readonly (number | null)[]> {
  const found: (number | null)[] = [];
  while (found.length < times) found.push(await gather());
  return found;
}
