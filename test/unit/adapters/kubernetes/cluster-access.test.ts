import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..', '..', '..');
const HOOK = join(ROOT, 'test', 'support', 'typescript-hook.cjs');
const SUBJECT = join(ROOT, 'src', 'adapters', 'kubernetes', 'cluster-access.ts');
const PROGRAM = `
  const { loadClusterAccess } = require(process.argv[1]);
  const describe = async (file) => {
    const access = await loadClusterAccess(file);
    const { headers, connection } = await access.authorize();
    return { server: access.server, headers, ca: String(connection.ca) };
  };
  const files = process.argv.slice(2);
  Promise.all(files.map((file) => describe(file).catch(({ code }) => ({ code }))))
    .then((results) => console.log(JSON.stringify(results)));
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-kubeconfig-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const config = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [
      { name: 'k', cluster: { server, 'certificate-authority-data': btoa('a certificate') } },
    ],
    users: [{ name: 'u', user: { token: 'a-token' } }],
  });

/** In Node itself: the client is an ES module, which Jest's loader does not take. */
async function load(files: readonly string[]): Promise<unknown> {
  const args = ['--require', HOOK, '-e', PROGRAM, SUBJECT, ...files];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  return JSON.parse(stdout);
}

it('takes server, trust and token from the current context, and refuses what has none', async () => {
  const texts = [
    config('https://10.0.0.1:6443/prefix/'),
    'apiVersion: v1\nkind: Config\n',
    config('nowhere'),
    '{',
  ];
  const files = texts.map((_text, index) => join(folder, `config-${index}`));
  await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? '')));

  const [good, ...refused] = (await load([...files, join(folder, 'none')])) as unknown[];

  expect(good).toEqual({
    server: 'https://10.0.0.1:6443/prefix',
    headers: { Authorization: 'Bearer a-token' },
    ca: 'a certificate',
  });
  expect(refused).toEqual(Array(4).fill({ code: 'INVALID_INPUT' }));
}, 60_000);
