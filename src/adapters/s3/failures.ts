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
  PermanentRedirect: ['the bucket is in another region', 'correct PLURA_WORM_REGION'],
  AuthorizationHeaderMalformed: ['the bucket is in another region', 'correct PLURA_WORM_REGION'],
  InvalidAccessKeyId: ['it does not know the access key', 'check the AWS credentials'],
  SignatureDoesNotMatch: ['the secret key is not that of the access key', 'check the credentials'],
  CredentialsProviderError: ['no AWS credentials are found', 'give the process an IAM role'],
};

const CORRUPT: readonly string[] = ['BadDigest', 'InvalidDigest', 'XAmzContentChecksumMismatch'];

/** What an answer without a body means, as every answer to a HEAD is: the SDK calls all of them `Unknown` but a 404. */
const BY_STATUS: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  403: 'AccessDenied',
  405: 'MethodNotAllowed',
  412: 'PreconditionFailed',
  501: 'NotImplemented',
};

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export function nameOf(error: unknown): string {
  const name = property(error, 'name');
  if (typeof name !== 'string') return 'unknown error';
  if (name !== 'Unknown' && name !== 'UnknownError') return name;
  const status = property(property(error, '$metadata'), 'httpStatusCode');
  return (typeof status === 'number' ? BY_STATUS[status] : undefined) ?? name;
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
