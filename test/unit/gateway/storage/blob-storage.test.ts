import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openBlobStorage } from '../../../../src/gateway/storage/blob-storage';
import { fakeDigest } from '../../../support/api-fixtures';

const DIGEST = fakeDigest('stored');
const HEX = DIGEST.slice('sha256:'.length);

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plura-storage-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const blobFile = (): string =>
  join(dir, 'docker/registry/v2/blobs/sha256', HEX.slice(0, 2), HEX, 'data');

async function put(text: string): Promise<void> {
  await mkdir(dirname(blobFile()), { recursive: true });
  await writeFile(blobFile(), text);
}

async function openIt(size: number): Promise<string> {
  const found = await (await openBlobStorage(dir)).open(DIGEST, size);
  if ('because' in found) return found.because;
  const text = await found.readFile('utf8');
  await found.close();
  return text;
}

describe('the folder of a registry', () => {
  it('has a blob under its digest', async () => {
    await put('bytes');

    expect(await openIt(5)).toBe('bytes');
  });

  it('has nothing before the first push', async () => {
    expect(await openIt(5)).toBe('absent');
  });

  it.each([4, 6])('does not pass 5 bytes off as a blob of %s', async (size) => {
    await put('bytes');

    expect(await openIt(size)).toBe('differs');
  });

  it('follows no link in place of a blob', async () => {
    const outside = join(dir, 'outside');
    await put('bytes');
    await writeFile(outside, 'other');
    await rm(blobFile());
    await symlink(outside, blobFile());

    expect(await openIt(5)).toBe('differs');
  });

  it('takes no folder for a blob', async () => {
    await mkdir(blobFile(), { recursive: true });

    expect(await openIt(4096)).toBe('differs');
  });
});

describe('a folder that is none of a registry', () => {
  const refusal = {
    code: 'INVALID_INPUT',
    details: { field: 'PLURA_BACKEND_STORAGE_DIR' },
  };

  it('is refused when it is not there', async () => {
    await expect(openBlobStorage(join(dir, 'absent'))).rejects.toMatchObject(refusal);
  });

  it('is refused when it holds something else', async () => {
    await writeFile(join(dir, 'config.yml'), '');

    await expect(openBlobStorage(dir)).rejects.toMatchObject(refusal);
  });

  it('is refused when it is a file', async () => {
    const file = join(dir, 'file');
    await writeFile(file, '');

    await expect(openBlobStorage(file)).rejects.toMatchObject(refusal);
  });
});
