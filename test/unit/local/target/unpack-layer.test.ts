import { lstat, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { unpackLayer, type UnpackBudget } from '../../../../src/local/target/image/unpack-layer';

type Entry = Parameters<ReturnType<typeof pack>['entry']>[0] & { readonly content?: string };

const TAR = 'application/vnd.oci.image.layer.v1.tar';

let folder: string;
let root: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-layer-'));
  root = join(folder, 'rootfs');
  await mkdir(root);
  await writeFile(join(folder, 'outside'), 'untouched');
});
afterEach(() => rm(folder, { recursive: true }));

async function archiveOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) {
    archive.entry(header, content ?? '');
  }
  archive.finalize();
  return buffer(archive);
}

async function unpack(
  entries: readonly Entry[],
  mediaType = TAR,
  budget: UnpackBudget = { bytes: 1e7, entries: 100 },
): Promise<void> {
  const tar = await archiveOf(entries);
  const file = join(folder, 'layer');
  const compressed = mediaType.endsWith('gzip')
    ? gzipSync(tar)
    : mediaType.endsWith('zstd')
      ? zstdCompressSync(tar)
      : tar;
  await writeFile(file, compressed);
  await unpackLayer(file, mediaType, root, budget);
}

const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8');
const exists = (name: string): Promise<boolean> =>
  lstat(join(root, name)).then(
    () => true,
    () => false,
  );

describe('unpackLayer', () => {
  it.each([TAR, `${TAR}+gzip`, `${TAR}+zstd`])('unpacks %s', async (mediaType) => {
    await unpack([{ name: './app/server', content: 'binary', mode: 0o755 }], mediaType);

    expect(await read('app/server')).toBe('binary');
    expect((await lstat(join(root, 'app/server'))).mode & 0o777).toBe(0o755);
  });

  it('drops set-id bits', async () => {
    await unpack([{ name: 'su', content: 'x', mode: 0o6755 }]);

    expect((await lstat(join(root, 'su'))).mode & 0o7777).toBe(0o755);
  });

  it('replaces files, and links instead of following them', async () => {
    await unpack([{ name: 'out', type: 'symlink', linkname: '../outside' }]);
    await unpack([{ name: 'out', content: 'inside' }]);

    expect(await read('out')).toBe('inside');
    expect(await readFile(join(folder, 'outside'), 'utf8')).toBe('untouched');
  });

  it('writes through a directory link of an earlier layer, within the image', async () => {
    await unpack([{ name: 'lib', type: 'symlink', linkname: '/usr/lib' }]);
    await unpack([{ name: 'lib/a.so', content: 'library' }]);

    expect(await read('usr/lib/a.so')).toBe('library');
    expect(await readlink(join(root, 'lib'))).toBe('/usr/lib');
  });

  it.each(['/', '..', '../..', '../../../../..', '/tmp/../..'])(
    'keeps a write through a link to "%s" inside',
    async (linkname) => {
      await unpack([{ name: 'esc', type: 'symlink', linkname }]);
      await unpack([{ name: 'esc/outside', content: 'escaped' }]);

      expect(await readFile(join(folder, 'outside'), 'utf8')).toBe('untouched');
    },
  );

  it.each(['../outside', 'a/../../outside', '/../outside', '..'])(
    'refuses the name "%s"',
    async (name) => {
      await expect(unpack([{ name, content: 'escaped' }])).rejects.toMatchObject({
        code: 'ROLLOUT_FAILED',
      });

      expect(await readFile(join(folder, 'outside'), 'utf8')).toBe('untouched');
    },
  );

  it('refuses a hard link to a file outside', async () => {
    const link: Entry = { name: 'hard', type: 'link', linkname: '../outside' };

    await expect(unpack([link])).rejects.toMatchObject({ code: 'ROLLOUT_FAILED' });
  });

  it('makes hard links inside the image', async () => {
    await unpack([
      { name: 'bin/a', content: 'shared' },
      { name: 'b', type: 'link', linkname: 'bin/a' },
    ]);

    expect((await lstat(join(root, 'b'))).ino).toBe((await lstat(join(root, 'bin/a'))).ino);
  });

  it('gives up on links in a circle', async () => {
    await unpack([
      { name: 'a', type: 'symlink', linkname: 'b' },
      { name: 'b', type: 'symlink', linkname: 'a' },
    ]);

    await expect(unpack([{ name: 'a/x', content: '' }])).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
    });
  });

  it('removes what a whiteout names', async () => {
    await unpack([
      { name: 'etc/keep', content: '' },
      { name: 'etc/drop/file', content: '' },
    ]);
    await unpack([{ name: 'etc/.wh.drop', content: '' }]);

    expect(await exists('etc/keep')).toBe(true);
    expect(await exists('etc/drop')).toBe(false);
    expect(await exists('etc/.wh.drop')).toBe(false);
  });

  it('empties an opaque directory of lower layers only', async () => {
    await unpack([{ name: 'etc/old', content: '' }]);
    await unpack([
      { name: 'etc/new', content: '' },
      { name: 'etc/.wh..wh..opq', content: '' },
    ]);

    expect(await exists('etc/old')).toBe(false);
    expect(await exists('etc/new')).toBe(true);
  });

  it.each(['etc/.wh.', 'etc/.wh..', 'etc/.wh...'])('refuses the whiteout "%s"', async (name) => {
    await unpack([{ name: 'etc/file', content: '' }]);

    await expect(unpack([{ name, content: '' }])).rejects.toMatchObject({ code: 'ROLLOUT_FAILED' });
  });

  it('makes no devices', async () => {
    await unpack([{ name: 'dev/sda', type: 'block-device', devmajor: 8, devminor: 0 }]);

    expect(await exists('dev/sda')).toBe(false);
  });

  it('stops at the limits of size and number', async () => {
    const bomb: Entry = { name: 'zeros', content: '\0'.repeat(2_000_000) };
    const many = Array.from({ length: 11 }, (_, n): Entry => ({ name: `f${n}`, content: '' }));

    await expect(unpack([bomb], `${TAR}+gzip`, { bytes: 1e6, entries: 9 })).rejects.toThrow(
      'limit',
    );
    await expect(unpack(many, TAR, { bytes: 1e6, entries: 10 })).rejects.toThrow('limit');
  });

  it('refuses what is no archive', async () => {
    await writeFile(join(folder, 'junk'), 'x'.repeat(2_000));

    await expect(
      unpackLayer(join(folder, 'junk'), TAR, root, { bytes: 1e6, entries: 10 }),
    ).rejects.toThrow();
  });
});
