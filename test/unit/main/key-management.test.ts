import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readKmsConfig, readVerifierKeysConfig } from '../../../src/config/kms';
import { createKeyManagement, createVerifierKeys } from '../../../src/main/key-management';
import { startAwsKms, type AwsKmsEmulator } from '../../support/aws-kms-emulator';

const KEY = 'release/eu-west-1';
/** The least that may be configured. */
const RELOAD_MS = 100;
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'not-a-secret' };
const before = { ...process.env };

let aws: AwsKmsEmulator;
let folder: string;
let errors: unknown[];
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  aws = await startAwsKms('eu-west-1');
  folder = await mkdtemp(join(tmpdir(), 'plura-key-management-'));
  errors = [];
  Object.assign(process.env, CREDENTIALS);
  await writeFile(join(folder, 'ca.pem'), aws.ca);
  environment = {
    PLURA_KMS: 'aws',
    PLURA_KEYS_DIR: folder,
    PLURA_AWS_KEYS: join(folder, 'keys.yaml'),
    PLURA_KMS_CA_FILE: join(folder, 'ca.pem'),
    PLURA_KEYS_RELOAD_MS: String(RELOAD_MS),
  };
});

afterEach(async () => {
  process.env = { ...before };
  await aws.stop();
  await rm(folder, { recursive: true, force: true });
});

const log = { error: (...args: unknown[]): void => void errors.push(args) };

/** As a mount does: a new file takes its place. */
async function nameKeys(yaml: string): Promise<void> {
  const file = join(folder, 'keys.yaml');
  await writeFile(`${file}.new`, yaml);
  await rename(`${file}.new`, file);
}

const entry = (arn: string, more = ''): string =>
  `${KEY}:\n  key: ${arn}\n  endpoint: ${aws.url}\n${more}`;

it('signs and verifies by the keys that the file names now, without a restart', async () => {
  const first = aws.createKey('first');
  const next = aws.createKey('next');
  await nameKeys(entry(first));
  const kms = await createKeyManagement(readKmsConfig(environment), log);
  const verifier = await createVerifierKeys(readVerifierKeysConfig(environment), log);
  const former = await kms.publicKey(KEY);
  const pem = former.trimEnd().replaceAll('\n', '\n        ');
  const revocation = 'revocation: { revokedAt: 2026-06-02T08:00:00Z }';

  await nameKeys(
    entry(
      next,
      `  version: next\n  others:\n    - version: former\n      publicKey: |\n        ${pem}\n      ${revocation}\n`,
    ),
  );
  await sleep(RELOAD_MS);

  expect(await kms.publicKey(KEY)).not.toBe(former);
  expect(await verifier.keyRing(KEY)).toMatchObject({
    current: { version: 'next', publicKey: await kms.publicKey(KEY), revocation: null },
    others: [
      {
        version: 'former',
        publicKey: former,
        revocation: { revokedAt: '2026-06-02T08:00:00Z', trustedBefore: null },
      },
    ],
  });
  expect(errors).toEqual([]);
});

it('keeps the keys it has when the file can not be understood, and says so', async () => {
  await nameKeys(entry(aws.createKey('first')));
  const verifier = await createVerifierKeys(readVerifierKeysConfig(environment), log);
  const ring = await verifier.keyRing(KEY);

  await nameKeys(`${KEY}: { key: nonsense, sign: true }`);
  await sleep(RELOAD_MS);

  expect(await verifier.keyRing(KEY)).toEqual(ring);
  expect(errors).toHaveLength(1);
  expect(JSON.stringify(errors)).toContain('PLURA_AWS_KEYS');
});
