import { ReleaseError } from '../../contract/errors';
import { KEY_IDS } from '../../ports/signer';

const KEY_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key\/[\w-]+|alias\/[\w/-]+)$/;
const REGIONAL = KEY_IDS.release('');

function refuse(keyId: string, reason: string, remedy: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `key ${keyId}: ${reason}`, {
    details: { field: keyId, remedy },
  });
}

/** Region of the ARN of a key or an alias; null for what is neither. */
export function arnRegion(arn: string): string | null {
  return KEY_ARN.exec(arn)?.[1] ?? null;
}

/**
 * The region of the key behind `keyId`. A regional key id means that region and no other.
 * @throws ReleaseError INVALID_INPUT that names the key
 */
export function regionOf(keyId: string, arn: string): string {
  const region = arnRegion(arn);
  if (region === null) {
    throw refuse(keyId, 'not the ARN of a KMS key or alias', 'write arn:aws:kms:REGION:ACCOUNT:…');
  }
  if (keyId.startsWith(REGIONAL) && keyId !== KEY_IDS.release(region)) {
    throw refuse(
      keyId,
      `its KMS key is in ${region}`,
      `give it a key of ${keyId.slice(REGIONAL.length)}`,
    );
  }
  return region;
}
