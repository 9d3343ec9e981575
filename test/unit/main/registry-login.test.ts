import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLogin } from '../../../src/main/registry-login';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-secret-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('readLogin', () => {
  it('is empty for a registry without login', async () => {
    expect(await readLogin(null)).toEqual({});
  });

  it('reads the secret without the end of its line', async () => {
    const passwordFile = join(folder, 'api');
    await writeFile(passwordFile, 'plr_word\n');

    expect(await readLogin({ username: 'api', passwordFile })).toEqual({
      credentials: { username: 'api', password: 'plr_word' },
    });
  });

  it.each([
    ['missing', undefined, 'ENOENT'],
    ['empty', '\n', 'empty'],
  ])('refuses to start with a file that is %s', async (_case, content, why) => {
    const passwordFile = join(folder, 'api');
    if (content !== undefined) await writeFile(passwordFile, content);

    const read = readLogin({ username: 'api', passwordFile });

    await expect(read).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(why) as string,
      details: { field: passwordFile },
    });
  });
});
