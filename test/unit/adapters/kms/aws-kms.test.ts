import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAwsSigningKeys } from '../../../../src/adapters/kms/aws-key-management';
import { composeKeyManagement } from '../../../../src/adapters/kms/compose-key-management';
import { ensureKeys } from '../../../../src/adapters/kms/ensure-keys';
import { createFileKeyManagement } from '../../../../src/adapters/kms/file-key-management';
import { KEY_IDS, type KeyManagement } from '../../../../src/ports/signer';
import { startAwsKms, type AwsKmsEmulator } from '../../../support/aws-kms-emulator';
import { describeKeyManagementContract } from '../../../support/contracts/kms';

const REGION = 'eu-west-1';
const release = KEY_IDS.release(REGION);
const data = Buffer.from('data');
const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'not-a-secret' };

let aws: AwsKmsEmulator;
let folder: string;
beforeAll(async () => {
  aws = await startAwsKms(REGION);
  folder = await mkdtemp(join(tmpdir(), 'plura-aws-'));
  await ensureKeys(folder, { signing: [], mac: [KEY_IDS.revert, KEY_IDS.decision] });
});
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true, force: true });
});

type Options = Parameters<typeof createAwsSigningKeys>[0];
type Key = Options['keys'][string];

const keyOf = (arn: string, more: Partial<Key> = {}): Key => ({
  arn,
  endpoint: aws.url,
  version: 'current',
  notBefore: null,
  others: [],
  ...more,
});

function withKeys(keys: Options['keys'], more: Partial<Options> = {}): KeyManagement {
  const signing = createAwsSigningKeys({ keys, ca: aws.ca, credentials, ...more });
  return composeKeyManagement({ signing, mac: createFileKeyManagement({ dir: folder }) });
}

const single = (arn: string, more: Partial<Options> = {}): KeyManagement =>
  withKeys({ [release]: keyOf(arn) }, more);

describeKeyManagementContract('AWS KMS with MAC keys in files', () => {
  const keys = {
    [release]: keyOf(aws.createKey('contract-release')),
    [KEY_IDS.bases]: keyOf(aws.createKey('contract-bases')),
  };
  const kms = withKeys(keys);
  return {
    kms,
    // As docs/keys.md has it: a new key, the former one by its public half.
    rotate: async (keyId) => {
      const publicKey = await kms.publicKey(keyId);
      const notAfter = new Date(Date.now() + 60_000).toISOString();
      const former = { version: 'current', publicKey, notBefore: null, notAfter, revocation: null };
      const arn = aws.createKey('contract-next');
      return withKeys({ ...keys, [keyId]: keyOf(arn, { version: 'next', others: [former] }) });
    },
  };
});

it('looks an alias up once, and signs with the key it stood for then', async () => {
  const arn = aws.createKey('moving');
  const kms = single(aws.aliasArn('moving'));
  const before = await kms.publicKey(release);

  aws.createKey('moving');
  await kms.sign(release, data);

  expect(await kms.publicKey(release)).toBe(before);
  expect(aws.calls.at(-1)).toBe(`Sign ${arn}`);
});

it('goes on verifying while AWS is away, once it knows the key', async () => {
  const kms = single(aws.createKey('known'), { timeoutMs: 300 });
  const ring = await kms.keyRing(release);

  aws.fail('hang', 1);

  await expect(kms.sign(release, data)).rejects.toMatchObject({ code: 'SIGNER_UNAVAILABLE' });
  expect(await kms.keyRing(release)).toBe(ring);
});

it('tries again what failed, and does not keep the failure', async () => {
  const kms = single(aws.createKey('flaky'));
  aws.fail('AccessDeniedException', 1);

  await expect(kms.publicKey(release)).rejects.toMatchObject({ code: 'SIGNER_UNAVAILABLE' });
  await expect(kms.publicKey(release)).resolves.toContain('PUBLIC KEY');
});

it('takes the next key once, when it was announced before it signs', async () => {
  const arn = aws.createKey('announced');
  const publicKey = await single(arn).publicKey(release);
  const next = { version: 'next', publicKey, notBefore: null, notAfter: null, revocation: null };

  const ring = await withKeys({
    [release]: keyOf(arn, { version: 'next', others: [next] }),
  }).keyRing(release);

  expect(ring.others).toEqual([]);
});

describe('a key is refused at the start', () => {
  it.each([
    ['of another region', 'arn:aws:kms:us-east-1:111122223333:alias/release', 'is in us-east-1'],
    ['that is no KMS key', 'arn:aws:s3:::bucket', 'not the ARN'],
    ['named without its region', 'alias/release', 'not the ARN'],
  ])('%s', (_case, arn, message) => {
    expect(() => single(arn)).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: expect.stringContaining(`key ${release}`) as string,
      }) as Error,
    );
    expect(() => single(arn)).toThrow(message);
  });
});

describe('a key is unavailable, with the reason', () => {
  it.each<[string, Parameters<AwsKmsEmulator['change']>[1], string]>([
    ['that is disabled', { KeyState: 'Disabled' }, 'is Disabled'],
    ['that is to be deleted', { KeyState: 'PendingDeletion' }, 'is PendingDeletion'],
    ['of another kind', { KeySpec: 'RSA_2048' }, 'RSA_2048'],
    ['for another use', { KeyUsage: 'ENCRYPT_DECRYPT' }, 'ENCRYPT_DECRYPT'],
  ])('%s', async (_case, facts, message) => {
    const arn = aws.createKey('refused');
    aws.change(arn, facts);

    await expect(single(arn).keyRing(release)).rejects.toMatchObject({
      code: 'SIGNER_UNAVAILABLE',
      message: expect.stringContaining(message) as string,
      details: { keyId: release, remedy: expect.any(String) as string },
    });
  });

  it('that is disabled after it was read', async () => {
    const arn = aws.createKey('late');
    const kms = single(arn);
    await kms.sign(release, data);
    aws.change(arn, { KeyState: 'Disabled' });

    await expect(kms.sign(release, data)).rejects.toMatchObject({
      code: 'SIGNER_UNAVAILABLE',
      message: expect.stringContaining('disabled in AWS KMS') as string,
    });
  });

  it('that AWS does not have', async () => {
    const absent = `arn:aws:kms:${REGION}:111122223333:key/absent`;

    await expect(single(absent).sign(release, data)).rejects.toMatchObject({
      code: 'SIGNER_UNAVAILABLE',
      message: expect.stringContaining('has no such key') as string,
    });
  });

  it('that nobody named', async () => {
    await expect(withKeys({}).sign(KEY_IDS.bases, data)).rejects.toMatchObject({
      code: 'SIGNER_UNAVAILABLE',
    });
  });

  it('whose endpoint shows a certificate that nobody trusts', async () => {
    const signing = createAwsSigningKeys({
      keys: { [release]: keyOf(aws.createKey('untrusted')) },
      credentials,
    });

    await expect(signing.publicKey(release)).rejects.toMatchObject({ code: 'SIGNER_UNAVAILABLE' });
  });
});

it('shows neither the secret nor what AWS says of the caller', async () => {
  const kms = single(aws.createKey('quiet'));
  aws.fail('AccessDeniedException', 1);

  const failure: unknown = await kms.sign(release, data).catch((error: unknown) => error);

  expect(failure).toMatchObject({ message: expect.not.stringContaining('emulator') as string });
  expect(JSON.stringify(failure)).not.toContain(credentials.secretAccessKey);
});
