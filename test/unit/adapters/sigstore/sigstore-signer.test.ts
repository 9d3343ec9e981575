import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigstoreSigner } from '../../../../src/adapters/sigstore/sigstore-signer';
import { writeTrustedRoot } from '../../../../src/local/seed/trusted-root';
import {
  KEY_IDS,
  PREDICATE_TYPES,
  type LogWitness,
  type Signer,
  type Statement,
} from '../../../../src/ports/signer';
import { describeSignerContract } from '../../../support/contracts/signer';
import { createFakeKeyManagement, type FakeKeyManagement } from '../../../support/fakes/kms';
import { createOneLeafLog, type OneLeafLog } from '../../../support/one-leaf-log';

interface Bundle {
  mediaType: string;
  dsseEnvelope: { payloadType: string; signatures: { keyid?: string }[] };
  verificationMaterial: {
    tlogEntries: {
      logIndex?: string;
      canonicalizedBody: string;
      inclusionProof: { rootHash: string; checkpoint: { envelope: string } };
    }[];
  };
}

const keyId = KEY_IDS.release('eu-west-1');
const subject = `sha256:${'c'.repeat(64)}` as const;
const statement: Statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ digest: { sha256: 'c'.repeat(64) } }],
  predicateType: PREDICATE_TYPES.signature,
  predicate: {},
};
const expected = { subject, predicateType: PREDICATE_TYPES.signature, log: true };

let folder: string;
let trustedRootFile: string;
let log: OneLeafLog;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-sigstore-'));
  trustedRootFile = join(folder, 'trusted_root.json');
  log = createOneLeafLog();
  await trust(trustedRootFile, log);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function trust(file: string, { url, publicKey, hostname }: OneLeafLog): Promise<void> {
  const start = '2026-01-01T00:00:00Z';
  return writeTrustedRoot({ file, rekorUrl: url, rekorPublicKey: publicKey, hostname, start });
}

function createSigner(kms: FakeKeyManagement = createFakeKeyManagement()): Signer {
  return createSigstoreSigner({ kms, witness: log.witness, trustedRootFile });
}

function edited(bundle: Buffer, edit: (bundle: Bundle) => void): Buffer {
  const json = JSON.parse(bundle.toString()) as Bundle;
  edit(json);
  return Buffer.from(JSON.stringify(json));
}

describeSignerContract('the sigstore signer without a log', false, () =>
  createSigstoreSigner({ kms: createFakeKeyManagement() }),
);
describeSignerContract('the sigstore signer with a log', true, () => createSigner());

describe('a bundle', () => {
  it('has the layout of cosign v3, and no key id', async () => {
    const bundle = await createSigner().sign(keyId, statement, false);

    const json = JSON.parse(bundle.toString()) as Bundle;
    expect(json.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
    expect(json.dsseEnvelope.payloadType).toBe('application/vnd.in-toto+json');
    expect(json.dsseEnvelope.signatures.map((one) => one.keyid ?? '')).toEqual(['']);
    expect(json.verificationMaterial).not.toHaveProperty('tlogEntries');
  });

  it('is ASCII, though the checkpoint of the log is not, and reads as the same', async () => {
    const bundle = await createSigner().sign(keyId, statement, true);

    expect(bundle.toString()).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.stringify(JSON.parse(bundle.toString()))).toContain(`\u2014 ${log.hostname} `);
  });

  it('is valid without its log entry where the log is not required', async () => {
    const signer = createSigner();
    const bundle = await signer.sign(keyId, statement, true);

    const verified = await signer.verify(keyId, bundle, { ...expected, log: false });

    expect(verified.logIndex).toBeNull();
  });

  it.each<[string, (bundle: Bundle) => void]>([
    [
      'of another log',
      ({ verificationMaterial: { tlogEntries } }) => {
        const proof = tlogEntries[0]!.inclusionProof;
        proof.checkpoint.envelope = proof.checkpoint.envelope.replaceAll(
          'log.invalid',
          'log2.invalid',
        );
      },
    ],
    [
      'whose entry was changed',
      ({ verificationMaterial: { tlogEntries } }) => {
        const text = Buffer.from(tlogEntries[0]!.canonicalizedBody, 'base64').toString();
        const changed = text.replace('SHA2_256', 'SHA2_512');
        tlogEntries[0]!.canonicalizedBody = Buffer.from(changed).toString('base64');
      },
    ],
    [
      'that counts one entry twice',
      ({ verificationMaterial: { tlogEntries } }) => {
        tlogEntries.push(tlogEntries[0]!);
      },
    ],
    [
      'with more entries than anyone needs',
      ({ verificationMaterial: { tlogEntries } }) => {
        tlogEntries.push(...Array.from({ length: 9 }, () => tlogEntries[0]!));
      },
    ],
    [
      'with another payload type',
      ({ dsseEnvelope }) => {
        dsseEnvelope.payloadType = 'text/plain';
      },
    ],
    [
      'without signatures',
      ({ dsseEnvelope }) => {
        dsseEnvelope.signatures = [];
      },
    ],
  ])('is refused: one %s', async (_case, edit) => {
    const signer = createSigner();
    const bundle = await signer.sign(keyId, statement, true);

    await expect(signer.verify(keyId, edited(bundle, edit), expected)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });

  it('is refused when the log names another key than the one that signed', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const publicKey = other.export({ type: 'spki', format: 'pem' }).toString();
    const witness: LogWitness = {
      record: (request) => log.witness.record({ ...request, publicKey }),
    };
    const kms = createFakeKeyManagement();
    const signer = createSigstoreSigner({ kms, witness, trustedRootFile });

    await expect(signer.sign(keyId, statement, true)).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
      cause: { code: 'SIGNATURE_INVALID', message: 'the log entry names another key' },
    });
  });

  it('gives the index that the proof vouches for, not the one written beside it', async () => {
    const signer = createSigner();
    const bundle = await signer.sign(keyId, statement, true);
    const renumbered = edited(bundle, ({ verificationMaterial: { tlogEntries } }) => {
      tlogEntries[0]!.logIndex = '4711';
    });

    expect(await signer.verify(keyId, renumbered, expected)).toMatchObject({ logIndex: '0' });
  });

  it('is refused over the size limit without being parsed', async () => {
    const huge = Buffer.alloc(33 * 1024 * 1024, ' ');

    await expect(createSigner().verify(keyId, huge, expected)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: expect.stringContaining('bytes') as string,
    });
  });
});

describe('what cannot be found out is not called invalid', () => {
  it('a key service that is down', async () => {
    const kms = createFakeKeyManagement();
    const signer = createSigner(kms);
    const bundle = await signer.sign(keyId, statement, true);
    kms.fail('SIGNER_UNAVAILABLE', 2);

    const unavailable = { code: 'SIGNER_UNAVAILABLE' };
    await expect(signer.verify(keyId, bundle, expected)).rejects.toMatchObject(unavailable);
    await expect(signer.sign(keyId, statement, false)).rejects.toMatchObject(unavailable);
  });

  it('a trusted root that is not there, and is there later', async () => {
    const late = join(folder, 'late.json');
    const kms = createFakeKeyManagement();
    const signer = createSigstoreSigner({ kms, witness: log.witness, trustedRootFile: late });

    await expect(signer.sign(keyId, statement, true)).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
    });
    await trust(late, log);
    await expect(signer.sign(keyId, statement, true)).resolves.toBeInstanceOf(Buffer);
  });

  it('a log that is not configured', async () => {
    const signer = createSigstoreSigner({ kms: createFakeKeyManagement(), trustedRootFile });

    await expect(signer.sign(keyId, statement, true)).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
    });
  });

  it('a log that is not the trusted one is found when signing', async () => {
    const { witness } = createOneLeafLog();
    const kms = createFakeKeyManagement();
    const signer = createSigstoreSigner({ kms, witness, trustedRootFile });

    await expect(signer.sign(keyId, statement, true)).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
      message: expect.stringContaining('does not verify') as string,
    });
  });
});

it('does not sign a statement about nothing', async () => {
  const about = { ...statement, subject: [{ digest: { sha512: 'x' } }] };

  await expect(createSigner().sign(keyId, about, false)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});
