import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKeys } from '../../../../src/adapters/kms/ensure-keys';
import { createFileKeyManagement } from '../../../../src/adapters/kms/file-key-management';
import { rotateKey } from '../../../../src/adapters/kms/rotate-key';
import { KEY_IDS } from '../../../../src/ports/signer';
import { describeKeyManagementContract } from '../../../support/contracts/kms';

const release = KEY_IDS.release('eu-west-1');
const wanted = { signing: [release, KEY_IDS.bases], mac: [KEY_IDS.revert, KEY_IDS.decision] };
const data = Buffer.from('data');
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-kms-'));
  folders.push(folder);
  return join(folder, 'keys');
}
async function seeded(): Promise<string> {
  const dir = await newFolder();
  await ensureKeys(dir, wanted);
  return dir;
}
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))));

describeKeyManagementContract('the file key management', async () => {
  const dir = await seeded();
  const kms = createFileKeyManagement({ dir, maxAgeMs: 0 });
  return {
    kms,
    rotate: async (keyId) => {
      await rotateKey(dir, keyId, { now: new Date(), overlapMs: 60_000, settleMs: 0 });
      return kms;
    },
  };
});

describe('ensureKeys', () => {
  it('makes keys that only their owner can read, and nothing else', async () => {
    const dir = await seeded();

    const names = (await readdir(dir)).sort();
    expect(names).toEqual(['bases.pem', 'decision.mac', 'release_eu-west-1.pem', 'revert.mac']);
    for (const name of names) {
      expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  it('keeps what is there, also when several start at once', async () => {
    const dir = await newFolder();

    const seen = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        await ensureKeys(dir, wanted);
        return readFile(join(dir, 'bases.pem'), 'utf8');
      }),
    );

    expect(new Set(seen).size).toBe(1);
    expect(await readdir(dir)).toHaveLength(4);
  });
});

describe('a key', () => {
  it('is refused when others can read it', async () => {
    const dir = await seeded();
    await chmod(join(dir, 'revert.mac'), 0o640);
    await chmod(join(dir, 'bases.pem'), 0o604);
    const kms = createFileKeyManagement({ dir });

    for (const call of [() => kms.mac(KEY_IDS.revert, data), () => kms.sign(KEY_IDS.bases, data)]) {
      await expect(call()).rejects.toMatchObject({
        code: 'SIGNER_UNAVAILABLE',
        message: expect.stringContaining('others can read') as string,
      });
    }
  });

  it('that is missing is unavailable until it is there', async () => {
    const dir = await newFolder();
    const kms = createFileKeyManagement({ dir });

    await expect(kms.publicKey(release)).rejects.toMatchObject({ code: 'SIGNER_UNAVAILABLE' });
    await ensureKeys(dir, wanted);
    await expect(kms.publicKey(release)).resolves.toContain('PUBLIC KEY');
  });

  it.each([
    ['text', 'no key'],
    [
      'a key of another kind',
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ],
  ])('that is %s is unavailable, and its bytes are not in the message', async (_case, content) => {
    const dir = await seeded();
    await writeFile(join(dir, 'bases.pem'), content);
    await writeFile(join(dir, 'revert.mac'), content);
    const kms = createFileKeyManagement({ dir });

    const failures = await Promise.allSettled([
      kms.sign(KEY_IDS.bases, data),
      kms.mac(KEY_IDS.revert, data),
    ]);

    for (const failure of failures) {
      expect(failure).toMatchObject({ reason: { code: 'SIGNER_UNAVAILABLE' } });
      expect(JSON.stringify(failure)).not.toContain(content.toString());
    }
  });

  it.each(['../bases', '/etc/passwd', 'release/../bases', 'a//b', 'A', '', 'a_b', 'x'.repeat(101)])(
    'id "%s" is refused',
    async (keyId) => {
      const kms = createFileKeyManagement({ dir: await seeded() });

      await expect(kms.publicKey(keyId)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    },
  );
});
