import { createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { startHttpsEmulator, type HttpsEmulator } from './https-emulator';
import { signDigest } from './sign-digest';

/** SigV4: the region is in the credential's scope. The signature itself is not checked. */
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[\w-]+\/\d{8}\/([a-z0-9-]+)\/kms\/aws4_request, ?SignedHeaders=[\w;-]+, ?Signature=[0-9a-f]{64}$/;
const ACCOUNT = '111122223333';

/** What DescribeKey says and a test may change, as AWS names it. */
interface KeyFacts {
  KeyState: 'Enabled' | 'Disabled' | 'PendingDeletion';
  KeySpec: 'ECC_NIST_P256' | 'RSA_2048';
  KeyUsage: 'SIGN_VERIFY' | 'ENCRYPT_DECRYPT';
}

interface EmulatedKey {
  readonly arn: string;
  readonly privateKey: KeyObject;
  readonly facts: KeyFacts;
}

export interface AwsKmsEmulator extends HttpsEmulator {
  /** `{operation} {key id as it was given}`, in order. */
  readonly calls: readonly string[];
  /** Makes a key and points `alias/{name}` at it; returns the ARN of the key. */
  createKey(name: string): string;
  aliasArn(name: string): string;
  change(keyArn: string, facts: Partial<KeyFacts>): void;
  /** The next `times` calls get this error; `hang` is never answered. */
  fail(type: string, times: number): void;
}

class AwsFault extends Error {
  readonly type: string;

  constructor(type: string) {
    super(`the emulator says ${type}`);
    this.type = type;
  }
}

interface Call {
  readonly KeyId?: string;
  readonly Message?: string;
  readonly MessageType?: string;
  readonly SigningAlgorithm?: string;
}

function describeKey({ arn, facts }: EmulatedKey): object {
  return {
    KeyMetadata: {
      Arn: arn,
      KeyId: arn.slice(arn.lastIndexOf('/') + 1),
      AWSAccountId: ACCOUNT,
      Enabled: facts.KeyState === 'Enabled',
      CustomerMasterKeySpec: facts.KeySpec,
      SigningAlgorithms: ['ECDSA_SHA_256'],
      ...facts,
    },
  };
}

function publicKey({ arn, privateKey, facts }: EmulatedKey): object {
  const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    KeyId: arn,
    KeySpec: facts.KeySpec,
    CustomerMasterKeySpec: facts.KeySpec,
    KeyUsage: facts.KeyUsage,
    SigningAlgorithms: ['ECDSA_SHA_256'],
    PublicKey: der.toString('base64'),
  };
}

function sign({ arn, privateKey }: EmulatedKey, call: Call): object {
  const digest = Buffer.from(call.Message ?? '', 'base64');
  if (call.MessageType !== 'DIGEST' || digest.length !== 32) {
    throw new AwsFault('ValidationException');
  }
  if (call.SigningAlgorithm !== 'ECDSA_SHA_256') throw new AwsFault('InvalidKeyUsageException');
  const Signature = signDigest(privateKey, digest).toString('base64');
  return { KeyId: arn, SigningAlgorithm: 'ECDSA_SHA_256', Signature };
}

function answer(operation: string, key: EmulatedKey, call: Call): object {
  if (operation === 'DescribeKey') return describeKey(key);
  if (key.facts.KeyState === 'Disabled') throw new AwsFault('DisabledException');
  if (key.facts.KeyState !== 'Enabled') throw new AwsFault('KMSInvalidStateException');
  if (operation === 'GetPublicKey') return publicKey(key);
  if (operation === 'Sign') return sign(key, call);
  throw new AwsFault('UnknownOperationException');
}

/**
 * GetPublicKey, DescribeKey and Sign of AWS KMS in one region, JSON 1.1 over HTTPS. Signatures are valid: known emulators
 * hash a DIGEST again, and nothing verifies them.
 */
export async function startAwsKms(region: string): Promise<AwsKmsEmulator> {
  const keys = new Map<string, EmulatedKey>();
  const aliases = new Map<string, string>();
  const calls: string[] = [];
  const faults: string[] = [];
  const arnOf = (resource: string): string => `arn:aws:kms:${region}:${ACCOUNT}:${resource}`;

  function find(id: string): EmulatedKey {
    const arn = id.startsWith('arn:') ? id : arnOf(id.startsWith('alias/') ? id : `key/${id}`);
    const key = keys.get(aliases.get(arn) ?? arn);
    if (!key) throw new AwsFault('NotFoundException');
    return key;
  }

  const server = await startHttpsEmulator(({ headers, body }) => {
    const operation = String(headers['x-amz-target']).replace(/^TrentService\./, '');
    const call = JSON.parse(body) as Call;
    calls.push(`${operation} ${call.KeyId ?? ''}`);
    const fault = faults.shift();
    if (fault === 'hang') return null;
    try {
      if (fault !== undefined) throw new AwsFault(fault);
      const scope = AUTHORIZATION.exec(headers.authorization ?? '');
      if (!scope) throw new AwsFault('IncompleteSignatureException');
      if (scope[1] !== region) throw new AwsFault('SignatureDoesNotMatch');
      return { status: 200, json: answer(operation, find(call.KeyId ?? ''), call) };
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      return { status: 400, json: { __type: error.type, message: error.message } };
    }
  }, 'application/x-amz-json-1.1');

  return {
    ...server,
    calls,
    createKey: (name) => {
      const arn = arnOf(`key/${randomUUID()}`);
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const facts = {
        KeyState: 'Enabled',
        KeySpec: 'ECC_NIST_P256',
        KeyUsage: 'SIGN_VERIFY',
      } as const;
      keys.set(arn, { arn, privateKey, facts: { ...facts } });
      aliases.set(arnOf(`alias/${name}`), arn);
      return arn;
    },
    aliasArn: (name) => arnOf(`alias/${name}`),
    change: (keyArn, facts) => {
      Object.assign(find(keyArn).facts, facts);
    },
    fail: (type, times) => {
      faults.push(...Array.from({ length: times }, () => type));
    },
  };
}
