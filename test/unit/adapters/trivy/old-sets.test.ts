import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepSets, touchSet } from '../../../../src/adapters/trivy/old-sets';

const NOW = new Date('2026-11-30T12:00:00Z');
const HOUR_MS = 3_600_000;
const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plura-sets-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function leave(name: string, hoursAgo: number): Promise<void> {
  const path = join(root, name);
  await mkdir(path);
  await writeFile(join(path, 'file'), 'x');
  const at = new Date(NOW.getTime() - hoursAgo * HOUR_MS);
  await utimes(path, at, at);
}

it('removes what nobody has gone by for a day, and nothing that it does not know', async () => {
  await leave(A, 100);
  await leave(B, 25);
  await leave(`${B}-${C}`, 25);
  await leave(C, 23);
  await leave('.work-abc', 25);
  await leave('.work-def', 1);
  await leave('notes', 100);

  await sweepSets(root, [A], NOW);

  expect((await readdir(root)).sort()).toEqual(['.work-def', A, C, 'notes']);
});

it('leaves a set that another process has just gone by', async () => {
  await leave(A, 100);

  await touchSet(join(root, A), NOW);
  await sweepSets(root, [], NOW);

  expect(await readdir(root)).toEqual([A]);
});
