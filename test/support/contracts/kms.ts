import { createVerify } from 'node:crypto';
import { versionsOf, type KeyRing } from '../../../src/domain/keys';
import { keysAt } from '../keys-at';
import { KEY_IDS, type KeyManagement } from '../../../src/ports/signer';

export interface KeysUnderTest {
  readonly kms: KeyManagement;
  /** Gives `keyId` a new version that signs, as its operator does, and the key management as it is after that. */
  rotate(keyId: string): Promise<KeyManagement>;
}

const data = Buffer.from('what is signed');

function isSignedBy(pem: string, signature: Buffer): boolean {
  return createVerify('sha256').update(data).verify(pem, signature);
}

function signersIn(ring: KeyRing, signature: Buffer): string[] {
  return versionsOf(ring)
    .filter((one) => isSignedBy(one.publicKey, signature))
    .map((one) => one.version);
}

/** What every KeyManagement does. `create` gives one that holds the keys of KEY_IDS for eu-west-1. */
export function describeKeyManagementContract(
  name: string,
  create: () => KeysUnderTest | Promise<KeysUnderTest>,
): void {
  describe(`${name} keeps the contract of KeyManagement`, () => {
    const release = KEY_IDS.release('eu-west-1');
    let keys: KeysUnderTest;
    let kms: KeyManagement;
    beforeAll(async () => {
      keys = await create();
      kms = keys.kms;
    });

    it('signs with the key whose public half it shows', async () => {
      const signature = await kms.sign(release, data);

      const pem = await kms.publicKey(release);
      expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n[^]+\n-----END PUBLIC KEY-----\n$/);
      expect(isSignedBy(pem, signature)).toBe(true);
    });

    it('keeps keys apart', async () => {
      const signature = await kms.sign(release, data);

      expect(isSignedBy(await kms.publicKey(KEY_IDS.bases), signature)).toBe(false);
    });

    it('shows the signing key as the current one of its ring, which counts now', async () => {
      const ring = await kms.keyRing(release);

      expect(ring.keyId).toBe(release);
      expect(ring.current.publicKey).toBe(await kms.publicKey(release));
      const counting = keysAt(ring, { seenAt: null, now: new Date() });
      expect(counting).toContainEqual(ring.current);
    });

    it('gives the same MAC for the same key and data only', async () => {
      const mac = await kms.mac(KEY_IDS.revert, data);

      expect(mac).toHaveLength(32);
      expect(await kms.mac(KEY_IDS.revert, data)).toEqual(mac);
      expect(await kms.mac(KEY_IDS.decision, data)).not.toEqual(mac);
      expect(await kms.mac(KEY_IDS.revert, Buffer.from('other'))).not.toEqual(mac);
    });

    it('signs with the new version after a rotation, and still knows the former one', async () => {
      const before = await kms.sign(KEY_IDS.bases, data);
      const formerPem = await kms.publicKey(KEY_IDS.bases);

      const rotated = await keys.rotate(KEY_IDS.bases);

      const after = await rotated.sign(KEY_IDS.bases, data);
      const ring = await rotated.keyRing(KEY_IDS.bases);
      expect(await rotated.publicKey(KEY_IDS.bases)).not.toBe(formerPem);
      expect(signersIn(ring, after)).toEqual([ring.current.version]);
      const former = ring.others.find((one) => one.publicKey === formerPem);
      expect(signersIn(ring, before)).toEqual([former?.version]);
      expect(former?.notAfter).not.toBeNull();
      const counting = keysAt(ring, { seenAt: null, now: new Date() });
      expect(counting.map((one) => one.publicKey)).toContain(formerPem);
    });
  });
}
