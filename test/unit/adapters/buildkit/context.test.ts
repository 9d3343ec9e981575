import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveContext } from '../../../../src/adapters/buildkit/context';

describe('resolveContext', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'plura-context-')));
    await mkdir(join(folder, 'source'));
    await writeFile(join(folder, 'source', 'Dockerfile'), 'FROM scratch\n');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives the real folder behind a link', async () => {
    await symlink(join(folder, 'source'), join(folder, 'link'));

    await expect(resolveContext(join(folder, 'link'))).resolves.toBe(join(folder, 'source'));
  });

  it('refuses what is relative, absent, a file, or has no Dockerfile', async () => {
    const paths = ['source', join(folder, 'absent'), join(folder, 'source', 'Dockerfile'), folder];

    for (const path of paths) {
      await expect(resolveContext(path)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    }
  });

  it('refuses a Dockerfile that is a link out of the folder, or a folder', async () => {
    await mkdir(join(folder, 'linked'));
    await symlink(join(folder, 'source', 'Dockerfile'), join(folder, 'linked', 'Dockerfile'));
    await mkdir(join(folder, 'nested', 'Dockerfile'), { recursive: true });

    for (const name of ['linked', 'nested']) {
      await expect(resolveContext(join(folder, name))).rejects.toMatchObject({
        code: 'SOURCE_NOT_FOUND',
      });
    }
  });
});
