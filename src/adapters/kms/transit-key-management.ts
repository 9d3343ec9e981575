import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { KeyRevocation, KeyRing, KeyVersion } from '../../domain/keys';
import type { KeyManagement } from '../../ports/signer';
import { keyUnavailable } from './key-files';
import { publicKeyPem } from './key-pem';
import { remembered } from '../../contract/remembered';
import { transitKey, transitMac, transitSignature } from './schema';
import { createTransitCall, type TransitOptions } from './transit-http';

/** By key id, then by version. Transit itself has no revocation by time. */
export type Revocations = Readonly<Record<string, Readonly<Record<string, KeyRevocation>>>>;

interface TransitKeyManagementOptions extends TransitOptions {
  /** How long signatures of a former version count without a record that dates them, in ms. */
  readonly overlapMs: number;
  readonly revocations: () => Promise<Revocations>;
  /** How long a ring is believed without asking again, in ms: a rotation in transit reaches verifiers within it. */
  readonly maxAgeMs?: number;
}

/** Secrets that have to stay the same are derived from MACs: a rotation of the key must not change them. */
const MAC_KEY_VERSION = 1;

/**
 * Keys in the transit engine of Vault or OpenBao. Signing keys are `ecdsa-p256`; their versions are the ring. A version
 * below `min_decryption_version` is not shown by transit, and so verifies nothing.
 */
export function createTransitKeyManagement(options: TransitKeyManagementOptions): KeyManagement {
  const { overlapMs, revocations, maxAgeMs = 5_000 } = options;
  const call = createTransitCall(options);
  const rings = remembered(maxAgeMs, async (keyId) => {
    const [{ data }, revoked] = await Promise.all([
      call({ keyId, operation: 'keys', answer: transitKey }),
      revocations(),
    ]);
    return toRing(keyId, data, overlapMs, revoked[keyId] ?? {});
  });
  return {
    sign: async (keyId, data) => {
      const answer = await call({
        keyId,
        operation: 'sign',
        body: {
          input: createHash('sha256').update(data).digest('base64'),
          prehashed: true,
          marshaling_algorithm: 'asn1',
        },
        answer: transitSignature,
      });
      const { version, bytes } = answer.data.signature;
      const { current } = await rings.get(keyId);
      // Rotated just now: what reads this signature back needs the new version.
      if (current.version !== version) rings.forget(keyId);
      return bytes;
    },
    publicKey: async (keyId) => (await rings.get(keyId)).current.publicKey,
    keyRing: (keyId) => rings.get(keyId),
    mac: async (keyId, data) => {
      const body = { input: data.toString('base64'), key_version: MAC_KEY_VERSION };
      const answer = await call({ keyId, operation: 'hmac', body, answer: transitMac });
      return answer.data.hmac.bytes;
    },
  };
}

function toRing(
  keyId: string,
  key: z.output<typeof transitKey>['data'],
  overlapMs: number,
  revocations: Readonly<Record<string, KeyRevocation>>,
): KeyRing {
  if (key.type !== 'ecdsa-p256') {
    throw keyUnavailable(keyId, `transit has it as ${key.type}`, 'make it with type=ecdsa-p256');
  }
  const toVersion = (number: number): KeyVersion | undefined => {
    const found = key.keys[String(number)];
    const next = key.keys[String(number + 1)];
    return (
      found && {
        version: String(number),
        publicKey: publicKeyPem(keyId, found.public_key),
        // The first version may have been imported with signatures older than that.
        notBefore: number === 1 ? null : found.creation_time,
        notAfter: next ? new Date(Date.parse(next.creation_time) + overlapMs).toISOString() : null,
        revocation: revocations[String(number)] ?? null,
      }
    );
  };
  const current = toVersion(key.latest_version);
  if (!current) {
    throw keyUnavailable(keyId, 'transit does not show its latest version', 'check the key there');
  }
  const others = Object.keys(key.keys)
    .map(Number)
    .filter((number) => number < key.latest_version)
    .sort((one, two) => two - one)
    .flatMap((number) => toVersion(number) ?? []);
  return { keyId, current, others };
}
