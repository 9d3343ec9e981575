import {
  createHash,
  createHmac,
  createSign,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { KeyManagement } from '../../../src/ports/signer';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeKeyManagement extends KeyManagement, CallFaults {}

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Real keys in memory, made when first asked for. MAC keys depend on their name alone. */
export function createFakeKeyManagement(): FakeKeyManagement {
  const pairs = new Map<string, KeyPair>();

  function pairOf(keyId: string): KeyPair {
    const pair = pairs.get(keyId) ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
    pairs.set(keyId, pair);
    return pair;
  }

  const kms: KeyManagement = {
    sign: (keyId, data) =>
      Promise.resolve(createSign('sha256').update(data).sign(pairOf(keyId).privateKey)),
    publicKey: (keyId) =>
      Promise.resolve(pairOf(keyId).publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    mac: (keyId, data) => {
      const key = createHash('sha256').update(`fake mac key ${keyId}`).digest();
      return Promise.resolve(createHmac('sha256', key).update(data).digest());
    },
  };
  return withCallFaults(kms);
}
