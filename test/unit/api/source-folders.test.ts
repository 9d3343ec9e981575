import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSourceFolders } from '../../../src/api/checks/source-folders';

let folder: string;
let root: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plura-sources-'));
  root = path.join(folder, 'root');
  await mkdir(path.join(root, 'team', 'shop'), { recursive: true });
  await writeFile(path.join(root, 'team', 'shop', 'Dockerfile'), 'FROM scratch\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('source folders', () => {
  it.each(['team/shop', './team/shop/', 'team/../team/shop'])('finds %s', async (name) => {
    expect(await createSourceFolders(root).inspect(name)).toEqual({
      path: 'team/shop',
      dockerfile: 'FROM scratch\n',
    });
  });

  it('takes an absolute path inside of the root', async () => {
    const found = await createSourceFolders(root).inspect(path.join(root, 'team', 'shop'));

    expect(found.path).toBe('team/shop');
  });

  it.each([
    ['nope', 'no such folder'],
    ['..', 'outside'],
    ['../root', 'outside'],
    ['/', 'outside'],
    ['team', 'no Dockerfile'],
    ['team/shop/Dockerfile', 'not a folder'],
    ['a\0b', 'no such folder'],
  ])('refuses %j', async (name, why) => {
    await expect(createSourceFolders(root).inspect(name)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringContaining(why) as string,
      details: { field: 'source.path' },
    });
  });

  it('does not follow a link out of the root, nor a neighbour of the same name', async () => {
    const outside = path.join(folder, 'root-secrets');
    await mkdir(outside);
    await writeFile(path.join(outside, 'Dockerfile'), 'FROM scratch\n');
    await symlink(outside, path.join(root, 'link'));
    const sources = createSourceFolders(root);

    for (const name of ['link', '../root-secrets', outside]) {
      await expect(sources.inspect(name)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    }
  });
});
