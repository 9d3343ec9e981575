import { createHash } from 'node:crypto';

type Mac = (keyId: string, data: Buffer) => Promise<Buffer>;

/** Name of the MAC key behind KeyManagement; the same as `KEY_IDS.revert` of the signer port. */
const REVERT_MAC_KEY = 'revert';

/**
 * The secret of a revert key, hex: derived, so that no history and no table holds it.
 * `mac` is KeyManagement.mac.
 */
export async function revertKeySecret(mac: Mac, keyId: string): Promise<string> {
  return (await mac(REVERT_MAC_KEY, Buffer.from(keyId))).toString('hex');
}

/**
 * What the ledger keeps and looks a presented secret up by, hex SHA-256. The secret has 256 bits, so
 * a look-up by hash leaks nothing by its timing.
 */
export function revertKeySecretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
