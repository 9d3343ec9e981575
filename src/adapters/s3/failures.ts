import { ReleaseError } from '../../contract/errors';

type Told = readonly [reason: string, remedy: string];

/** Only by name: the texts of S3 hold principals and requests. */
const REFUSED: Readonly<Record<string, Told>> = {
  NoSuchBucket: [
    'there is no such bucket',
    'make it with Object Lock, or correct PLURA_WORM_BUCKET',
  ],
  ObjectLockConfigurationNotFoundError: [
    'the bucket has no Object Lock',
    'make a new bucket with Object Lock (it can be a bucket of its own only), and name that',
  ],
  InvalidBucketState: ['the bucket has no Object Lock', 'enable versioning and Object Lock on it'],
  AccessDenied: [
    'it denies access',
    'give the process the rights of docs/worm.md; nothing that is locked can be changed by anyone',
  ],
  Forbidden: ['it denies access', 'give the process the rights of docs/worm.md'],
  InvalidAccessKeyId: ['it does not know the access key', 'check the AWS credentials'],
  SignatureDoesNotMatch: ['the secret key is not that of the access key', 'check the credentials'],
  CredentialsProviderError: ['no AWS credentials are found', 'give the process an IAM role'],
};

const CORRUPT: readonly string[] = ['BadDigest', 'InvalidDigest', 'XAmzContentChecksumMismatch'];

export function nameOf(error: unknown): string {
  const name: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'name') : undefined;
  return typeof name === 'string' ? name : 'unknown error';
}

export function corrupt(what: string, why: string): ReleaseError {
  return new ReleaseError('WORM_CORRUPT', `${what}: ${why}`, {
    details: { remedy: 'find out what changed it; the digest says what it has to be' },
  });
}

/** What S3 said, as the one error that leaves the adapter. */
export function wormError(what: string, error: unknown): ReleaseError {
  if (error instanceof ReleaseError) return error;
  const name = nameOf(error);
  if (CORRUPT.includes(name)) return corrupt(what, 'the bytes do not hash to the digest');
  const told = REFUSED[name];
  if (told) {
    const [reason, remedy] = told;
    return new ReleaseError('WORM_REFUSED', `WORM store, ${what}: ${reason}`, {
      cause: error,
      details: { remedy },
    });
  }
  return new ReleaseError('WORM_UNAVAILABLE', `WORM store, ${what}: no answer (${name})`, {
    cause: error,
    details: { remedy: 'see whether the store is reachable; the call is tried again by itself' },
  });
}
