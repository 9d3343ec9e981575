import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSource, readDockerfileText } from '../../../activities/source';

describe('a source folder', () => {
  const outside = mkdtempSync(join(tmpdir(), 'plura-outside-'));
  const root = mkdtempSync(join(tmpdir(), 'plura-root-'));
  mkdirSync(join(root, 'shop'));
  writeFileSync(join(root, 'shop', 'Dockerfile'), 'FROM scratch\n');
  mkdirSync(join(root, 'empty'));
  mkdirSync(join(root, 'huge'));
  writeFileSync(join(root, 'huge', 'Dockerfile'), '#'.repeat(300 * 1024));
  symlinkSync(outside, join(root, 'escape'));

  it('is found below the root', async () => {
    const folder = await findSource(root, 'shop');

    expect(await readDockerfileText(folder, 'shop')).toBe('FROM scratch\n');
  });

  it.each([
    '../',
    `../${outside.split('/').at(-1)}`,
    outside,
    'escape',
    'nowhere',
    'shop/Dockerfile',
  ])('is not found at %s', async (path) => {
    await expect(findSource(root, path)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });

  it.each(['empty', 'huge'])('needs a Dockerfile of a sane size: %s', async (path) => {
    const folder = await findSource(root, path);

    await expect(readDockerfileText(folder, path)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
    });
  });
});
