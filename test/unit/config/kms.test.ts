import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAwsKeys, readRevocations } from '../../../src/config/keys-file';
import { readKmsConfig, readVerifierKeysConfig } from '../../../src/config/kms';

const ARN = 'arn:aws:kms:eu-west-1:111122223333:alias/plura-release';
const TRANSIT = {
  PLURA_KMS: 'transit',
  PLURA_TRANSIT_URL: 'https://bao.example.com:8200',
  PLURA_TRANSIT_TOKEN_FILE: '/run/bao/token',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plura-kms-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function fileWith(yaml: string): string {
  const file = join(folder, 'keys.yaml');
  writeFileSync(file, yaml);
  return file;
}

it('is files unless told otherwise', () => {
  const config = readKmsConfig({ PLURA_KEYS_DIR: '/state/keys' });

  expect(config).toEqual({ kind: 'file', keysDir: '/state/keys' });
});

it('reads AWS KMS with a former key', () => {
  const PLURA_AWS_KEYS = fileWith(`
release/eu-west-1:
  key: ${ARN}
  version: "2026-06"
  notBefore: 2026-06-01T00:00:00Z
  others:
    - version: "2025-06"
      publicKey: |
        -----BEGIN PUBLIC KEY-----
        MFkw
        -----END PUBLIC KEY-----
      notAfter: 2026-12-01T00:00:00Z
      revocation: { revokedAt: 2026-06-02T08:00:00Z }
bases:
  key: ${ARN}
`);

  const config = readKmsConfig({ PLURA_KMS: 'aws', PLURA_KEYS_DIR: '/keys', PLURA_AWS_KEYS });

  expect(config).toEqual({
    kind: 'aws',
    keysDir: '/keys',
    caFile: null,
    keys: { file: PLURA_AWS_KEYS, everyMs: 5_000 },
  });
  expect({ keys: readAwsKeys(PLURA_AWS_KEYS) }).toMatchObject({
    keys: {
      'release/eu-west-1': {
        arn: ARN,
        version: '2026-06',
        notBefore: '2026-06-01T00:00:00Z',
        others: [
          {
            version: '2025-06',
            notBefore: null,
            notAfter: '2026-12-01T00:00:00Z',
            revocation: { revokedAt: '2026-06-02T08:00:00Z', trustedBefore: null },
          },
        ],
      },
      bases: { arn: ARN, version: 'current', notBefore: null, others: [] },
    },
  });
});

it.each([
  [
    'file',
    { PLURA_PUBLIC_KEYS_DIR: '/state/trust' },
    { kind: 'file', publicKeysDir: '/state/trust' },
  ],
  [
    'aws',
    { PLURA_KMS: 'aws', PLURA_AWS_KEYS: '/etc/keys.yaml' },
    { kind: 'aws', keys: { file: '/etc/keys.yaml', everyMs: 5_000 }, caFile: null },
  ],
])('gives a verifier no folder of private keys with %s', (_kind, environment, config) => {
  const given = { PLURA_KEYS_DIR: '/state/keys', ...environment };

  expect(readVerifierKeysConfig(given)).toEqual(config);
});

it('reads transit with its defaults', () => {
  expect(readKmsConfig(TRANSIT)).toEqual({
    kind: 'transit',
    url: 'https://bao.example.com:8200',
    mount: 'transit',
    namespace: null,
    tokenFile: '/run/bao/token',
    caFile: null,
    overlapMs: 180 * 86_400_000,
    revocations: null,
  });
});

it('reads which versions in transit are revoked', () => {
  const PLURA_TRANSIT_REVOCATIONS = fileWith(`
release/eu-west-1:
  "3": { revokedAt: 2026-06-02T08:00:00Z, trustedBefore: 2026-06-01T00:00:00Z }
`);

  const config = readKmsConfig({
    ...TRANSIT,
    PLURA_TRANSIT_REVOCATIONS,
    PLURA_KEYS_RELOAD_MS: '60000',
  });

  expect(config).toMatchObject({
    revocations: { file: PLURA_TRANSIT_REVOCATIONS, everyMs: 60_000 },
  });
  expect(readRevocations(PLURA_TRANSIT_REVOCATIONS)).toEqual({
    'release/eu-west-1': {
      '3': { revokedAt: '2026-06-02T08:00:00Z', trustedBefore: '2026-06-01T00:00:00Z' },
    },
  });
});

it.each<[string, Readonly<Record<string, string>>]>([
  ['PLURA_KMS', { PLURA_KMS: 'gcp' }],
  ['PLURA_KEYS_DIR', {}],
  ['PLURA_KEYS_DIR', { PLURA_KMS: 'aws' }],
  ['PLURA_AWS_KEYS', { PLURA_KMS: 'aws', PLURA_KEYS_DIR: '/keys' }],
  ['PLURA_TRANSIT_URL', { ...TRANSIT, PLURA_TRANSIT_URL: 'ftp://bao' }],
  ['PLURA_TRANSIT_URL', { PLURA_KMS: 'transit' }],
  ['PLURA_TRANSIT_TOKEN_FILE', { PLURA_KMS: 'transit', PLURA_TRANSIT_URL: 'https://bao.test' }],
  ['PLURA_TRANSIT_MOUNT', { ...TRANSIT, PLURA_TRANSIT_MOUNT: '../sys' }],
  ['PLURA_TRANSIT_OVERLAP_DAYS', { ...TRANSIT, PLURA_TRANSIT_OVERLAP_DAYS: '-1' }],
])('names %s when it does not fit', (field, environment) => {
  expect(() => readKmsConfig(environment)).toThrow(
    expect.objectContaining({
      code: 'INVALID_INPUT',
      details: expect.objectContaining({ field }) as object,
    }) as Error,
  );
});

it.each([
  ['a time that is none', `bases: { key: ${ARN}, notBefore: soon }`, 'bases.notBefore'],
  ['a field that nobody knows', `bases: { key: ${ARN}, revoked: true }`, 'bases'],
  [
    'a private key',
    `bases: { key: ${ARN}, others: [{ version: a, publicKey: "-----BEGIN PRIVATE KEY-----" }] }`,
    'bases.others',
  ],
  [
    'an endpoint without TLS',
    `bases: { key: ${ARN}, endpoint: "http://kms.test" }`,
    'bases.endpoint',
  ],
])('names the line of %s', (_case, yaml, field) => {
  const PLURA_AWS_KEYS = fileWith(yaml);

  expect(() => readAwsKeys(PLURA_AWS_KEYS)).toThrow(`keys.yaml:1: ${field}`);
});
