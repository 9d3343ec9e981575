import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKeys } from '../../../../src/adapters/kms/ensure-keys';
import { createFileKeyManagement } from '../../../../src/adapters/kms/file-key-management';
import { writeKeyRing } from '../../../../src/adapters/kms/key-ring-file';
import { createPublicKeyFiles } from '../../../../src/adapters/kms/public-key-files';
import { revokeKey, rotateKey } from '../../../../src/adapters/kms/rotate-key';
import type { KeyRing } from '../../../../src/domain/keys';
import { writePublicKeys } from '../../../../src/local/seed/trusted-root';
import type { KeyManagement, KeyRings } from '../../../../src/ports/signer';

const KEY = 'release/eu-west-1';
const DAY_MS = 86_400_000;

let folder: string;
let keysDir: string;
let publicDir: string;
let kms: KeyManagement;
let keys: KeyRings;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-public-keys-'));
  keysDir = join(folder, 'keys');
  publicDir = join(folder, 'trust');
  await mkdir(publicDir);
  await ensureKeys(keysDir, { signing: [KEY], mac: [] });
  kms = createFileKeyManagement({ dir: keysDir, maxAgeMs: 0 });
  keys = createPublicKeyFiles({ dir: publicDir, maxAgeMs: 0 });
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('reads a key that was never rotated from its public half', async () => {
  await writePublicKeys(publicDir, kms, [KEY]);

  expect(await keys.keyRing(KEY)).toEqual(await kms.keyRing(KEY));
});

it('follows a rotation and a revocation by the rings that are published, and holds nothing private', async () => {
  const published: KeyRing[] = [];
  const publish = (ring: KeyRing): Promise<void> => {
    published.push(ring);
    return writeKeyRing(publicDir, ring);
  };
  await rotateKey(keysDir, KEY, { now: new Date(), overlapMs: DAY_MS, settleMs: 0, publish });

  const rotated = await keys.keyRing(KEY);
  const revocation = { revokedAt: new Date().toISOString(), trustedBefore: null };
  await revokeKey(keysDir, KEY, '1', revocation, publish);

  expect(rotated).toEqual({ ...(await kms.keyRing(KEY)), others: rotated.others });
  // Known before it signed.
  expect(published[0]?.current.version).toBe('1');
  expect(published[0]?.others.map(({ version }) => version)).toEqual(['2']);
  expect((await keys.keyRing(KEY)).others).toMatchObject([{ version: '1', revocation }]);
  expect(await readdir(publicDir)).toEqual(['release_eu-west-1.ring.json']);
});

it.each<[string, () => Promise<void>, RegExp]>([
  ['has nothing of it', () => Promise.resolve(), /neither its ring nor its public key/],
  [
    'holds its private key',
    () => writeFile(join(publicDir, 'release_eu-west-1.pem'), 'secret'),
    /private key/,
  ],
  [
    'holds a broken ring',
    () => writeFile(join(publicDir, 'release_eu-west-1.ring.json'), '{'),
    /ring is malformed/,
  ],
  [
    'holds a public key that is none',
    () => writeFile(join(publicDir, 'release_eu-west-1.pub'), 'x'),
    /public half/,
  ],
])('refuses a folder that %s', async (_what, arrange, message) => {
  await arrange();

  await expect(keys.keyRing(KEY)).rejects.toMatchObject({
    code: 'SIGNER_UNAVAILABLE',
    message: expect.stringMatching(message) as string,
  });
});
