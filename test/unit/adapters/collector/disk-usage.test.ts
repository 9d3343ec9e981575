import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskUsage } from '../../../../src/adapters/collector/disk-usage';

const PATH = process.env['PATH'];
const { signal } = new AbortController();

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plura-du-'));
});
afterEach(async () => {
  process.env['PATH'] = PATH;
  await rm(dir, { recursive: true, force: true });
});

/** A `du` that says this. */
async function saying(...lines: readonly string[]): Promise<void> {
  const file = join(dir, 'du');
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(file, 0o755);
  process.env['PATH'] = `${dir}:${PATH ?? ''}`;
}

const gone = `echo "du: cannot access '/data/x': No such file or directory" >&2`;
const denied = `echo "du: cannot read directory '/data/y': Permission denied" >&2`;

describe('what a folder takes on its disk', () => {
  it.each([
    ['is told', ['echo "12	/data"'], 12 * 1024],
    ['is told though a file went meanwhile', [gone, 'echo "12	/data"', 'exit 1'], 12 * 1024],
    [
      'is not known when something can not be read',
      [gone, denied, 'echo "12	/data"', 'exit 1'],
      null,
    ],
    ['is not known when the folder is not there', [gone, 'exit 1'], null],
    ['is not known when du dies', ['echo "12	/data"', 'kill -9 $$'], null],
  ])('%s', async (_what, lines, expected) => {
    await saying(...lines);

    expect(await diskUsage('/data', signal)).toBe(expected);
  });

  it('is not known without du', async () => {
    process.env['PATH'] = dir;

    expect(await diskUsage('/data', signal)).toBeNull();
  });

  it('is measured on a real folder', async () => {
    await writeFile(join(dir, 'file'), Buffer.alloc(100_000, 1));

    expect(await diskUsage(dir, signal)).toBeGreaterThanOrEqual(100_000);
  });

  it('is given up when nobody waits any more', async () => {
    await expect(diskUsage(dir, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });
});
