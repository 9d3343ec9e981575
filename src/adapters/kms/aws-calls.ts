import {
  DescribeKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  type KeyMetadata,
} from '@aws-sdk/client-kms';
import { keyUnavailable } from './key-files';

export interface AwsConnection {
  readonly region: string;
  /** Instead of the region's own, e.g. a VPC endpoint. */
  readonly endpoint?: string;
  /** PEM of a private CA. */
  readonly ca?: string;
  /** Default: the SDK's chain (web identity, instance profile, environment). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** For one call with all of the SDK's attempts, in ms. */
  readonly timeoutMs: number;
}

/** The three calls of AWS KMS that signing takes. */
export interface AwsCalls {
  describe(keyId: string, arn: string): Promise<KeyMetadata>;
  /** DER, SubjectPublicKeyInfo. */
  publicKey(keyId: string, arn: string): Promise<Buffer>;
  /** ECDSA over a SHA-256 digest, DER. */
  sign(keyId: string, arn: string, digest: Buffer): Promise<Buffer>;
}

/** Only by name: the texts of AWS hold principals and requests. */
const EXPLAINED: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  NotFoundException: ['AWS KMS has no such key in this region', 'check the ARN of the key'],
  DisabledException: ['it is disabled in AWS KMS', 'enable it, or rotate to another key'],
  KMSInvalidStateException: [
    'its state in AWS KMS does not let it sign',
    'cancel its deletion, or rotate to another key',
  ],
  AccessDeniedException: [
    'AWS KMS denies access',
    'allow kms:DescribeKey, kms:GetPublicKey and kms:Sign on the key',
  ],
  CredentialsProviderError: ['no AWS credentials are found', 'give the process an IAM role'],
  ThrottlingException: ['AWS KMS limits the rate of calls', 'ask for a higher KMS quota'],
};

function nameOf(error: unknown): string {
  const name: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'name') : undefined;
  return typeof name === 'string' ? name : 'unknown error';
}

function unavailable(keyId: string, error: unknown): Error {
  const name = nameOf(error);
  const [reason, remedy] = EXPLAINED[name] ?? [
    `AWS KMS did not answer as it should (${name})`,
    'check that AWS KMS is reachable; the call is tried again by itself',
  ];
  return keyUnavailable(keyId, reason, remedy, error);
}

export function createAwsCalls(connection: AwsConnection): AwsCalls {
  const { region, endpoint, ca, credentials, timeoutMs } = connection;
  const client = new KMSClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    requestHandler: {
      connectionTimeout: Math.min(2_000, timeoutMs),
      requestTimeout: Math.min(4_000, timeoutMs),
      throwOnRequestTimeout: true,
      httpsAgent: { keepAlive: true, ...(ca !== undefined && { ca }) },
    },
  });
  const within = (): { readonly abortSignal: AbortSignal } => ({
    abortSignal: AbortSignal.timeout(timeoutMs),
  });
  async function call<T>(keyId: string, answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      throw unavailable(keyId, error);
    });
  }
  function present<T>(keyId: string, part: T | undefined): T {
    if (part === undefined) throw unavailable(keyId, { name: 'incomplete answer' });
    return part;
  }
  return {
    describe: async (keyId, arn) => {
      const answer = await call(
        keyId,
        client.send(new DescribeKeyCommand({ KeyId: arn }), within()),
      );
      return present(keyId, answer.KeyMetadata);
    },
    publicKey: async (keyId, arn) => {
      const answer = await call(
        keyId,
        client.send(new GetPublicKeyCommand({ KeyId: arn }), within()),
      );
      return Buffer.from(present(keyId, answer.PublicKey));
    },
    sign: async (keyId, arn, digest) => {
      const command = new SignCommand({
        KeyId: arn,
        Message: digest,
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
      const answer = await call(keyId, client.send(command, within()));
      return Buffer.from(present(keyId, answer.Signature));
    },
  };
}
