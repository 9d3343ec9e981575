import type { KeyManagement } from '../../ports/signer';

export type SigningKeys = Omit<KeyManagement, 'mac'>;
export type MacKeys = Pick<KeyManagement, 'mac'>;

/**
 * Signing keys from one place, MAC keys from another. Beside AWS KMS the MAC keys stay files: they sign nothing that
 * leaves the installation, every process derives secrets from them that have to outlive a KMS outage, and AWS can't take in
 * those that are in use.
 */
export function composeKeyManagement(parts: {
  readonly signing: SigningKeys;
  readonly mac: MacKeys;
}): KeyManagement {
  const { signing, mac } = parts;
  return { ...signing, mac: (keyId, data) => mac.mac(keyId, data) };
}
