import { mkdtemp, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReloadedFile } from '../../../../src/adapters/kms/reloaded-file';

let folder: string;
let file: string;
let faults: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-reloaded-'));
  file = join(folder, 'keys.json');
  faults = [];
  await writeFile(file, '["one"]');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function open(everyMs = 0): Promise<() => Promise<unknown>> {
  return createReloadedFile<unknown>({
    file,
    everyMs,
    load: () => JSON.parse(readFileSync(file, 'utf8')) as unknown,
    onBadFile: (error) => faults.push(error),
  });
}

/** As a mount does: a new file takes its place. */
async function replace(content: string): Promise<void> {
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}

it('reads a changed file again, and one that stayed the same no more', async () => {
  const read = await open();
  const first = await read();

  await replace('["two"]');

  expect(first).toEqual(['one']);
  expect(await read()).toEqual(['two']);
  expect(await read()).toBe(await read());
});

it('looks no more often than it was told', async () => {
  const read = await open(60_000);

  await replace('["two"]');

  expect(await read()).toEqual(['one']);
  expect(await readFile(file, 'utf8')).toBe('["two"]');
});

it('keeps what it knows, and says so once, when the file can not be understood or is gone', async () => {
  const read = await open();

  await replace('[');
  const broken = [await read(), await read()];
  await unlink(file);
  const gone = await read();

  expect(broken).toEqual([['one'], ['one']]);
  expect(gone).toEqual(['one']);
  expect(faults).toHaveLength(1);
});

it('throws when it can not be understood at first', async () => {
  await replace('[');

  await expect(open()).rejects.toThrow(SyntaxError);
});
