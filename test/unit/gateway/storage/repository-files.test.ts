import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { whileAllWaits, whileOthersGoOn } from '../../../../src/gateway/storage/file-reads';
import {
  createRepositoryFiles,
  type RepositoryFiles,
} from '../../../../src/gateway/storage/repository-files';
import { fakeDigest } from '../../../support/api-fixtures';

const REPOSITORY = 'apps/shop/web';
const DIGEST = fakeDigest('stored');
const HEX = DIGEST.slice('sha256:'.length);
const BLOB = `blobs/sha256/${HEX.slice(0, 2)}/${HEX}/data`;
const MANIFEST_LINK = `repositories/${REPOSITORY}/_manifests/revisions/sha256/${HEX}/link`;
const LAYER_LINK = `repositories/${REPOSITORY}/_layers/sha256/${HEX}/link`;
const TAG_LINK = `repositories/${REPOSITORY}/_manifests/tags/stable/current/link`;

let dir: string;
let files: RepositoryFiles;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plura-storage-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const fileOf = (name: string): string => join(dir, 'docker/registry/v2', name);

async function put(name: string, text: string): Promise<void> {
  await mkdir(dirname(fileOf(name)), { recursive: true });
  await writeFile(fileOf(name), text);
}

describe.each([
  ['while others go on', whileOthersGoOn],
  ['while all waits', whileAllWaits],
])('the folder of a registry, by repository, read %s', (_how, reads) => {
  beforeEach(() => {
    files = createRepositoryFiles(dir, reads);
  });

  it('has a manifest and a blob that the repository links', async () => {
    await put(BLOB, 'bytes');
    await put(MANIFEST_LINK, DIGEST);
    await put(LAYER_LINK, DIGEST);

    expect(await files.manifest(REPOSITORY, DIGEST, { maxBytes: 5 })).toEqual(Buffer.from('bytes'));
    expect(await files.blob(REPOSITORY, DIGEST, { maxBytes: 5 })).toEqual(Buffer.from('bytes'));
  });

  it('has nothing of what only another repository links', async () => {
    await put(BLOB, 'bytes');
    await put(MANIFEST_LINK, DIGEST);

    expect(await files.manifest('apps/other/web', DIGEST, { maxBytes: 5 })).toBeNull();
    expect(await files.blob(REPOSITORY, DIGEST, { maxBytes: 5 })).toBeNull();
  });

  it.each([
    ['is too long', 'bytes!', DIGEST],
    ['has a link that a broken write left', 'bytes', ''],
  ])('gives nothing that %s', async (_what, text, link) => {
    await put(BLOB, text);
    await put(MANIFEST_LINK, link);

    expect(await files.manifest(REPOSITORY, DIGEST, { maxBytes: 5 })).toBeNull();
  });

  it.each([
    ['as long as is guessed', 32 * 1024],
    ['longer than is guessed', 32 * 1024 + 1],
    ['much longer', 200_000],
  ])('gives a file whose size is not known whole, when it is %s', async (_what, size) => {
    await put(BLOB, 'x'.repeat(size));
    await put(MANIFEST_LINK, DIGEST);

    const whole = await files.manifest(REPOSITORY, DIGEST, { maxBytes: 200_000 });
    expect(whole?.toString()).toBe('x'.repeat(size));
    expect(await files.manifest(REPOSITORY, DIGEST, { maxBytes: size - 1 })).toBeNull();
  });

  it('needs no look at a file whose size is known, and takes no shorter one', async () => {
    await put(BLOB, 'bytes');
    await put(MANIFEST_LINK, DIGEST);

    expect(await files.manifest(REPOSITORY, DIGEST, { size: 5 })).toEqual(Buffer.from('bytes'));
    expect(await files.manifest(REPOSITORY, DIGEST, { size: 6 })).toBeNull();
  });

  it('follows no link of the file system in place of bytes', async () => {
    await put('outside', 'bytes');
    await put(MANIFEST_LINK, DIGEST);
    await mkdir(dirname(fileOf(BLOB)), { recursive: true });
    await symlink(fileOf('outside'), fileOf(BLOB));

    expect(await files.manifest(REPOSITORY, DIGEST, { maxBytes: 5 })).toBeNull();
  });

  it.each([
    ['a digest', DIGEST, DIGEST],
    ['a digest and the end of a line', `${DIGEST}\n`, DIGEST],
    ['anything else', '../../../etc/passwd', null],
    ['what is far too long', DIGEST.repeat(10), null],
  ])('reads a tag that is %s', async (_what, text, expected) => {
    await put(TAG_LINK, text);

    expect(await files.tagged(REPOSITORY, 'stable')).toBe(expected);
    expect(await files.tagged(REPOSITORY, 'candidate')).toBeNull();
  });
});
