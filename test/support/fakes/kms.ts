import {
  createHash,
  createHmac,
  createSign,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { announceKey, revokeVersion, switchKey } from '../../../src/domain/key-rotation';
import { singleKeyRing, type KeyRevocation, type KeyRing } from '../../../src/domain/keys';
import type { KeyManagement } from '../../../src/ports/signer';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeKeyManagement extends KeyManagement, CallFaults {
  /** A new version signs from `now` on; the former one ends after the overlap. */
  rotate(keyId: string, now: Date, overlapMs: number): Promise<void>;
  revoke(keyId: string, version: string, revocation: KeyRevocation): Promise<void>;
}

interface FakeKey {
  readonly privateKey: KeyObject;
  readonly ring: KeyRing;
}

function newPair(): { readonly privateKey: KeyObject; readonly pem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** Real keys in memory, made when first asked for. MAC keys depend on their name alone. */
export function createFakeKeyManagement(): FakeKeyManagement {
  const keys = new Map<string, FakeKey>();

  function keyOf(keyId: string): FakeKey {
    const known = keys.get(keyId);
    if (known) return known;
    const { privateKey, pem } = newPair();
    const key = { privateKey, ring: singleKeyRing(keyId, pem) };
    keys.set(keyId, key);
    return key;
  }

  const kms: Omit<FakeKeyManagement, keyof CallFaults> = {
    sign: (keyId, data) =>
      Promise.resolve(createSign('sha256').update(data).sign(keyOf(keyId).privateKey)),
    publicKey: (keyId) => Promise.resolve(keyOf(keyId).ring.current.publicKey),
    keyRing: (keyId) => Promise.resolve(keyOf(keyId).ring),
    mac: (keyId, data) => {
      const key = createHash('sha256').update(`fake mac key ${keyId}`).digest();
      return Promise.resolve(createHmac('sha256', key).update(data).digest());
    },
    rotate: (keyId, now, overlapMs) => {
      const { privateKey, pem } = newPair();
      const announced = announceKey(keyOf(keyId).ring, pem, now);
      keys.set(keyId, { privateKey, ring: switchKey(announced, pem, now, overlapMs) });
      return Promise.resolve();
    },
    revoke: (keyId, version, revocation) => {
      const result = revokeVersion(keyOf(keyId).ring, version, revocation);
      if (!result.revoked) throw new Error(result.why);
      keys.set(keyId, { ...keyOf(keyId), ring: result.ring });
      return Promise.resolve();
    },
  };
  return withCallFaults(kms);
}
