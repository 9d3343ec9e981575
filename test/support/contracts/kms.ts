import { createVerify } from 'node:crypto';
import { KEY_IDS, type KeyManagement } from '../../../src/ports/signer';

/** What every KeyManagement does. `create` gives one that holds the keys of KEY_IDS for eu-west-1. */
export function describeKeyManagementContract(
  name: string,
  create: () => KeyManagement | Promise<KeyManagement>,
): void {
  describe(`${name} keeps the contract of KeyManagement`, () => {
    const release = KEY_IDS.release('eu-west-1');
    const data = Buffer.from('what is signed');
    let kms: KeyManagement;
    beforeAll(async () => {
      kms = await create();
    });

    it('signs with the key whose public half it shows', async () => {
      const signature = await kms.sign(release, data);

      const pem = await kms.publicKey(release);
      expect(pem).toContain('BEGIN PUBLIC KEY');
      expect(createVerify('sha256').update(data).verify(pem, signature)).toBe(true);
    });

    it('keeps keys apart', async () => {
      const signature = await kms.sign(release, data);

      const pem = await kms.publicKey(KEY_IDS.bases);
      expect(createVerify('sha256').update(data).verify(pem, signature)).toBe(false);
    });

    it('gives the same MAC for the same key and data only', async () => {
      const mac = await kms.mac(KEY_IDS.revert, data);

      expect(mac).toHaveLength(32);
      expect(await kms.mac(KEY_IDS.revert, data)).toEqual(mac);
      expect(await kms.mac(KEY_IDS.decision, data)).not.toEqual(mac);
      expect(await kms.mac(KEY_IDS.revert, Buffer.from('other'))).not.toEqual(mac);
    });
  });
}
