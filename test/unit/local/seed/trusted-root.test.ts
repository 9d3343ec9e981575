import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileKeyManagement } from '../../../../src/adapters/kms/file-key-management';
import { seedKeys } from '../../../../src/local/seed/keys';
import { writePublicKeys, writeTrustedRoot } from '../../../../src/local/seed/trusted-root';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-seed-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('seedKeys', () => {
  it('gives the same keys the second time', async () => {
    const first = await seedKeys(folder);
    const before = await readFile(first.rekorSignerFile, 'utf8');

    const second = await seedKeys(folder);

    expect(second).toEqual(first);
    expect(await readFile(second.rekorSignerFile, 'utf8')).toBe(before);
    expect((await stat(first.rekorSignerFile)).mode & 0o777).toBe(0o600);
  });

  it('hands out public keys as files for people', async () => {
    const { keysDir, signingKeyIds } = await seedKeys(folder, 'us-east-1');
    const kms = createFileKeyManagement({ dir: keysDir });

    const files = await writePublicKeys(join(folder, 'trust'), kms, signingKeyIds);

    expect(files).toEqual({
      'release/us-east-1': join(folder, 'trust', 'release_us-east-1.pub'),
      bases: join(folder, 'trust', 'bases.pub'),
    });
    expect(await readFile(files['bases'] ?? '', 'utf8')).toBe(await kms.publicKey('bases'));
  });
});

describe('writeTrustedRoot', () => {
  it('refuses a log that calls itself otherwise than its address', async () => {
    const { rekorPublicKey } = await seedKeys(folder);
    const input = {
      file: join(folder, 'trusted_root.json'),
      rekorUrl: 'http://127.0.0.1:3003',
      rekorPublicKey,
      start: '2026-01-01T00:00:00Z',
    };

    await expect(writeTrustedRoot({ ...input, hostname: 'rekor' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(writeTrustedRoot({ ...input, hostname: '127.0.0.1' })).resolves.toBeUndefined();
  });

  it('names the log by the id that stock cosign computes', async () => {
    // Key, host and id as printed by `cosign trusted-root create` v3.1.3.
    const der = 'MCowBQYDK2VwAyEASl9jnVbMz6w5Jtxx3oD1Pu2SwpX1QcAtLu9yXHvc3pI=';
    const file = join(folder, 'trusted_root.json');
    await writeTrustedRoot({
      file,
      rekorUrl: 'http://127.0.0.1:3003',
      rekorPublicKey: `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`,
      hostname: '127.0.0.1',
      start: '2026-01-01T00:00:00Z',
    });

    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      tlogs: [
        {
          baseUrl: 'http://127.0.0.1:3003',
          publicKey: { rawBytes: der, keyDetails: 'PKIX_ED25519' },
          logId: { keyId: 'fiMHjzLVIGQXxgkc6j396YkCRx9hdy2QGfKCt7cm+ak=' },
        },
      ],
    });
  });
});
