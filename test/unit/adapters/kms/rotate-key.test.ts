import { createVerify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKeys } from '../../../../src/adapters/kms/ensure-keys';
import { createFileKeyManagement } from '../../../../src/adapters/kms/file-key-management';
import { readFileKey } from '../../../../src/adapters/kms/key-ring-file';
import { revokeKey, rotateKey } from '../../../../src/adapters/kms/rotate-key';
import { versionsOf, type KeyRing } from '../../../../src/domain/keys';

const keyId = 'release/eu-west-1';
const KEY_FILE = 'release_eu-west-1.pem';
const RING_FILE = 'release_eu-west-1.ring.json';
const NEXT_FILE = 'release_eu-west-1.next.pem';
const data = Buffer.from('data');
const JANUARY = new Date('2026-01-01T00:00:00Z');
const JUNE = new Date('2026-06-01T00:00:00Z');
const DAY_MS = 86_400_000;
const folders: string[] = [];

async function seeded(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-rotate-'));
  folders.push(folder);
  await ensureKeys(folder, { signing: [keyId], mac: [] });
  return folder;
}
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))));

function rotateAt(dir: string, now: Date): Promise<KeyRing> {
  return rotateKey(dir, keyId, { now, overlapMs: DAY_MS, settleMs: 0 });
}

const versions = (ring: KeyRing): string[] => versionsOf(ring).map((one) => one.version);

describe('a rotated key', () => {
  it('has its former versions with their ends', async () => {
    const dir = await seeded();

    await rotateAt(dir, JANUARY);
    const ring = await rotateAt(dir, JUNE);

    expect(ring.current).toMatchObject({
      version: '3',
      notBefore: JUNE.toISOString(),
      notAfter: null,
    });
    expect(ring.others).toMatchObject([
      { version: '2', notBefore: JANUARY.toISOString(), notAfter: '2026-06-02T00:00:00.000Z' },
      { version: '1', notBefore: null, notAfter: '2026-01-02T00:00:00.000Z' },
    ]);
    expect((await readFileKey(dir, keyId)).ring).toEqual(ring);
  });

  it('leaves files for their owner only, and no draft', async () => {
    const dir = await seeded();

    await rotateAt(dir, JANUARY);

    expect((await readdir(dir)).sort()).toEqual([KEY_FILE, RING_FILE]);
    for (const name of [KEY_FILE, RING_FILE]) {
      expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(join(dir, RING_FILE), 'utf8')).not.toContain('PRIVATE');
  });

  it('signs with the new version in a process that runs, once its memory has aged', async () => {
    const dir = await seeded();
    const kms = createFileKeyManagement({ dir, maxAgeMs: 0 });
    const remembering = createFileKeyManagement({ dir, maxAgeMs: 60_000 });
    const former = await remembering.publicKey(keyId);

    await rotateAt(dir, JANUARY);

    const signature = await kms.sign(keyId, data);
    const verifier = createVerify('sha256').update(data);
    expect(verifier.verify(await kms.publicKey(keyId), signature)).toBe(true);
    expect(await remembering.publicKey(keyId)).toBe(former);
  });
});

describe('a rotation that was cut short', () => {
  it('before its new key signed goes on with that key', async () => {
    const dir = await seeded();
    const before = await readFile(join(dir, KEY_FILE), 'utf8');
    const rotated = await seeded();
    await rotateAt(rotated, JANUARY);
    const next = await readFile(join(rotated, KEY_FILE), 'utf8');
    await writeFile(join(dir, NEXT_FILE), next, { mode: 0o600 });

    expect(await readFile(join(dir, KEY_FILE), 'utf8')).toBe(before);
    await rotateAt(dir, JUNE);

    expect(await readFile(join(dir, KEY_FILE), 'utf8')).toBe(next);
    expect(await readdir(dir)).not.toContain(NEXT_FILE);
  });

  it('after its new key signed leaves a former version without an end, which the next one sets', async () => {
    const dir = await seeded();
    const { ring } = await readFileKey(dir, keyId);
    const done = await rotateAt(dir, JANUARY);
    const endless = [done.current, { ...ring.current, notAfter: null }];
    const text = JSON.stringify({ versions: endless });
    await writeFile(join(dir, RING_FILE), text, { mode: 0o600 });

    const read = (await readFileKey(dir, keyId)).ring;
    const again = await rotateAt(dir, JUNE);

    expect(versions(read)).toEqual(['2', '1']);
    expect(again.others.map((one) => one.notAfter)).toEqual([
      '2026-06-02T00:00:00.000Z',
      '2026-06-02T00:00:00.000Z',
    ]);
  });
});

describe('a revocation', () => {
  const revocation = { revokedAt: JUNE.toISOString(), trustedBefore: null };

  it('of a former version is kept in the ring, and survives the next rotation', async () => {
    const dir = await seeded();
    await rotateAt(dir, JANUARY);

    await revokeKey(dir, keyId, '1', revocation);
    const ring = await rotateAt(dir, JUNE);

    expect(ring.others.find((one) => one.version === '1')?.revocation).toEqual(revocation);
    expect(ring.current.revocation).toBeNull();
  });

  it.each([
    ['the version that signs', '2', 'rotate'],
    ['a version that is not there', '9', 'list'],
  ])('of %s is refused', async (_case, version, remedy) => {
    const dir = await seeded();
    await rotateAt(dir, JANUARY);

    await expect(revokeKey(dir, keyId, version, revocation)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { remedy: expect.stringContaining(remedy) as string },
    });
  });
});

describe('a ring is refused', () => {
  it.each<[string, (ring: string) => string]>([
    ['that is not JSON', () => '{'],
    [
      'with a time that is none',
      (ring) => ring.replace(/"notAfter": "[^"]+"/, '"notAfter": "soon"'),
    ],
    ['with a field that nobody knows', (ring) => ring.replace('{', '{"revoked": [],')],
    ['with what is no public key', (ring) => ring.replace(/MFkw/g, 'AAAA')],
  ])('%s', async (_case, edit) => {
    const dir = await seeded();
    await rotateAt(dir, JANUARY);
    const file = join(dir, RING_FILE);
    await writeFile(file, edit(await readFile(file, 'utf8')));

    await expect(readFileKey(dir, keyId)).rejects.toMatchObject({ code: 'SIGNER_UNAVAILABLE' });
  });

  it('that does not name the key', async () => {
    const dir = await seeded();
    const other = await seeded();
    await rotateAt(other, JANUARY);
    const ring = await readFile(join(other, RING_FILE), 'utf8');
    await writeFile(join(dir, RING_FILE), ring, { mode: 0o600 });

    await expect(readFileKey(dir, keyId)).rejects.toMatchObject({
      code: 'SIGNER_UNAVAILABLE',
      message: expect.stringContaining('does not name it') as string,
    });
  });
});
