import { createHash } from 'node:crypto';
import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { KeyRing, KeyVersion } from '../../domain/keys';
import { arnRegion, regionOf } from './aws-arn';
import { createAwsCalls, type AwsCalls, type AwsConnection } from './aws-calls';
import type { SigningKeys } from './compose-key-management';
import { keyUnavailable } from './key-files';
import { publicKeyPem } from './key-pem';
import { remembered } from '../../contract/remembered';

interface AwsKey {
  /** Of a key or an alias. An alias is looked up once: to move it counts from the next start. */
  readonly arn: string;
  /** Instead of the region's own, e.g. a VPC endpoint. */
  readonly endpoint?: string | undefined;
  /** How its ring calls it. */
  readonly version: string;
  readonly notBefore: string | null;
  /** Former keys, and the next one before it signs. Their public halves suffice, so AWS may have deleted them. */
  readonly others: readonly KeyVersion[];
}

interface AwsKeyManagementOptions extends Omit<AwsConnection, 'region' | 'endpoint' | 'timeoutMs'> {
  /** By key id. */
  readonly keys: Readonly<Record<string, AwsKey>>;
  readonly timeoutMs?: number;
}

interface LoadedKey {
  readonly calls: AwsCalls;
  /** What an alias stands for. */
  readonly arn: string;
  readonly ring: KeyRing;
}

/**
 * Signing keys in AWS KMS: ECC_NIST_P256, one in each region, reached at its region's endpoint.
 * A public half is read once: that of a KMS key never changes, so verification goes on while AWS is away.
 *
 * @throws ReleaseError INVALID_INPUT when the key of a region is in another one
 */
export function createAwsSigningKeys(options: AwsKeyManagementOptions): SigningKeys {
  const { keys, timeoutMs = 10_000, ...connection } = options;
  const known = new Map(
    Object.entries(keys).map(([keyId, key]) => {
      const region = regionOf(keyId, key.arn);
      const { endpoint } = key;
      const at = { ...connection, region, timeoutMs, ...(endpoint !== undefined && { endpoint }) };
      return [keyId, { key, region, calls: createAwsCalls(at) }];
    }),
  );

  const loaded = remembered(Infinity, async (keyId): Promise<LoadedKey> => {
    const found = known.get(keyId);
    if (!found) {
      throw keyUnavailable(keyId, 'no KMS key is named for it', 'add it to PLURA_AWS_KEYS');
    }
    const { key, region, calls } = found;
    const arn = usableArn(keyId, region, await calls.describe(keyId, key.arn));
    const publicKey = publicKeyPem(keyId, await calls.publicKey(keyId, arn));
    const { version, notBefore } = key;
    const current = { version, publicKey, notBefore, notAfter: null, revocation: null };
    const others = key.others
      .map((one) => ({ ...one, publicKey: publicKeyPem(keyId, one.publicKey) }))
      // Announced before it signed.
      .filter((one) => one.publicKey !== publicKey);
    return { calls, arn, ring: { keyId, current, others } };
  });

  return {
    sign: async (keyId, data) => {
      const { calls, arn } = await loaded.get(keyId);
      return calls.sign(keyId, arn, createHash('sha256').update(data).digest());
    },
    publicKey: async (keyId) => (await loaded.get(keyId)).ring.current.publicKey,
    keyRing: async (keyId) => (await loaded.get(keyId)).ring,
  };
}

/** @throws ReleaseError SIGNER_UNAVAILABLE with what keeps the key from signing */
function usableArn(keyId: string, region: string, metadata: KeyMetadata): string {
  const { Arn: arn = '', KeySpec: spec, KeyUsage: usage, KeyState: state } = metadata;
  const refuse = (reason: string, remedy: string): Error => keyUnavailable(keyId, reason, remedy);
  if (arnRegion(arn) !== region) {
    throw refuse(`its KMS key is in ${arnRegion(arn) ?? 'no region'}`, `give it one of ${region}`);
  }
  if (spec !== 'ECC_NIST_P256' || usage !== 'SIGN_VERIFY') {
    throw refuse(
      `its KMS key is ${spec ?? 'of no kind'} for ${usage ?? 'nothing'}`,
      'give it an ECC_NIST_P256 key for SIGN_VERIFY',
    );
  }
  if (state !== 'Enabled') {
    throw refuse(`its KMS key is ${state ?? 'in no state'}`, 'enable it, or rotate to another key');
  }
  return arn;
}
