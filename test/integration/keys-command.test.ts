import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ensureKeys } from '../../src/adapters/kms/ensure-keys';
import { createPublicKeyFiles } from '../../src/adapters/kms/public-key-files';

jest.setTimeout(60_000);

const KEY = 'release/eu-west-1';
const ROOT = resolve(__dirname, '../..');
const run = promisify(execFile);

let folder: string;
let keysDir: string;
let publicDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-keys-command-'));
  keysDir = join(folder, 'keys');
  publicDir = join(folder, 'public');
  await ensureKeys(keysDir, { signing: [KEY], mac: [] });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function keys(...args: readonly string[]): Promise<string> {
  const hook = join(ROOT, 'test/support/typescript-hook.cjs');
  const command = ['--require', hook, join(ROOT, 'src/main/keys.ts'), ...args];
  const environment = { PLURA_KEYS_DIR: keysDir, PLURA_PUBLIC_KEYS_DIR: publicDir };
  const env = { PATH: process.env['PATH'], ...environment };
  return (await run(process.execPath, command, { env })).stdout;
}

it('publishes what verifiers need of a key, at its export, its rotation and its revocation', async () => {
  const verifier = createPublicKeyFiles({ dir: publicDir, maxAgeMs: 0 });

  await keys('export', KEY);
  const exported = await verifier.keyRing(KEY);
  await keys('rotate', KEY, '--settle-seconds', '1');
  const rotated = await verifier.keyRing(KEY);
  await keys('revoke', KEY, '1');
  const revoked = await verifier.keyRing(KEY);

  expect(exported).toMatchObject({ current: { version: '1' }, others: [] });
  expect(rotated).toMatchObject({
    current: { version: '2' },
    others: [{ version: '1', publicKey: exported.current.publicKey, revocation: null }],
  });
  expect(revoked.others[0]?.revocation).toMatchObject({ trustedBefore: null });
  expect(await readdir(publicDir)).toEqual(['release_eu-west-1.ring.json']);
});

it.each([
  ['a settling time that is none', ['rotate', KEY, '--settle-seconds', '0'], /settle-seconds/],
  ['a key that is none', ['export', 'release/nowhere'], /seed the keys/],
])('refuses %s', async (_what, args, message) => {
  await expect(keys(...args)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(message) as string,
  });
});
