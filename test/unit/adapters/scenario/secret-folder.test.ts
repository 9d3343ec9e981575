import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSecretFolder } from '../../../../src/adapters/scenario/secret-folder';

describe('the folder of scenario secrets', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plura-secrets-'));
    writeFileSync(path.join(folder, 'pay-key'), 's3cr3t-0123\n');
    writeFileSync(path.join(folder, 'short'), 'abc\n');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives the text of a file, without the line break at its end', async () => {
    await expect(createSecretFolder(folder)('pay-key')).resolves.toBe('s3cr3t-0123');
  });

  it.each([
    ['../pay-key', /no plain file name/],
    ['.hidden', /no plain file name/],
    ['nope', /ENOENT/],
    ['short', /from 8 to 4096 characters/],
  ])('refuses %s', async (name, reason) => {
    await expect(createSecretFolder(folder)(name)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(reason) as string,
    });
  });
});
