import { execFile } from 'node:child_process';
import path from 'node:path';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(60_000);

const ROOT = path.resolve(__dirname, '../..');
const REPOSITORY = 'apps/shop/web';

let postgres: PostgresServer;
let registry: RegistryServer;
let databaseUrl: string;

beforeAll(async () => {
  [postgres, registry] = await Promise.all([startPostgres(), startRegistry()]);
  await pushTestImage(registry.url, { repository: REPOSITORY });
  databaseUrl = await postgres.freshDatabase();
});

afterAll(async () => {
  await Promise.all([postgres.stop(), registry.stop()]);
});

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function importInventory(...args: readonly string[]): Promise<Run> {
  const hook = path.join(ROOT, 'test/support/typescript-hook.cjs');
  const command = ['--require', hook, path.join(ROOT, 'src/main/import-inventory.ts'), ...args];
  const backend = { PLURA_DATABASE_URL: databaseUrl, PLURA_BACKEND_URL: registry.url };
  const env = { PATH: process.env['PATH'], ...backend };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

const linesOf = ({ stdout }: Run): readonly unknown[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

it('records what the folder holds, once, and tells it as JSON', async () => {
  const first = await importInventory('--from', registry.storageDir, '--json');
  const again = await importInventory('--from', registry.storageDir, '--json');
  const after = await importInventory('--from', registry.storageDir, '--json', '--after', 'zzz');

  const counts = { tags: 0, manifests: 1 };
  expect([first.code, again.code, after.code]).toEqual([0, 0, 0]);
  expect(linesOf(first)).toEqual([
    { repository: REPOSITORY, ...counts, faults: [] },
    { total: { repositories: 1, ...counts, faults: 0 } },
  ]);
  expect(linesOf(again).at(-1)).toEqual({
    total: { repositories: 1, tags: 0, manifests: 0, faults: 0 },
  });
  expect(linesOf(after)).toEqual([
    { total: { repositories: 0, tags: 0, manifests: 0, faults: 0 } },
  ]);
});

it('says with 8, and by name, that the API does not list what has no tag', async () => {
  const { code, stdout, stderr } = await importInventory();

  expect(code).toBe(8);
  expect(stderr).toMatch(/^apps\/shop\/web: .*without a tag/);
  expect(stdout).toMatch(/1 repositories: .* recorded; 1 could not be/);
});

it.each([
  [['--help'], 0],
  [['--layout', 'tar'], 2],
  [['--from', '/nonexistent'], 7],
])('ends %j with %d', async (args, code) => {
  expect(await importInventory(...args)).toMatchObject({ code });
});
