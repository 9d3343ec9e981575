import { createHmac } from 'node:crypto';
import { ReleaseError } from '../../../src/contract/errors';
import type { ExpectedBundle, Signer, Statement, VerifiedBundle } from '../../../src/ports/signer';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeSigner extends Signer, CallFaults {}

interface FakeBundle {
  readonly verificationMaterial: { readonly tlogEntries: readonly { readonly logIndex: string }[] };
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
  };
}

const signatureOf = (keyId: string, payload: string): string =>
  createHmac('sha256', `fake key ${keyId}`).update(payload).digest('base64');

const refuse = (reason: string): never => {
  throw new ReleaseError('SIGNATURE_INVALID', reason);
};

/** Bundles shaped as sigstore's, so that readers of the JSON see the same fields; the signature is an HMAC. */
export function createFakeSigner(): FakeSigner {
  let nextIndex = 0;

  function sign(keyId: string, statement: Statement, log: boolean): Buffer {
    const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
    const bundle: FakeBundle = {
      verificationMaterial: { tlogEntries: log ? [{ logIndex: `${nextIndex++}` }] : [] },
      dsseEnvelope: {
        payload,
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: signatureOf(keyId, payload), keyid: '' }],
      },
    };
    return Buffer.from(JSON.stringify(bundle));
  }

  function verify(keyId: string, bytes: Buffer, expected: ExpectedBundle): VerifiedBundle {
    const { dsseEnvelope, verificationMaterial } = parseBundle(bytes);
    const { payload, signatures } = dsseEnvelope;
    if (signatures.length !== 1 || signatures[0]?.sig !== signatureOf(keyId, payload)) {
      return refuse('signature verification failed');
    }
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString()) as Statement;
    if (statement.predicateType !== expected.predicateType) {
      return refuse(`predicateType is ${statement.predicateType}, not ${expected.predicateType}`);
    }
    const hex = expected.subject.slice('sha256:'.length);
    if (!statement.subject.some((one) => one.digest['sha256'] === hex)) {
      return refuse(`the statement is not about ${expected.subject}`);
    }
    const logIndex = verificationMaterial.tlogEntries[0]?.logIndex ?? null;
    if (expected.log && logIndex === null) {
      return refuse('the signature is not in the transparency log');
    }
    return { statement, logIndex: expected.log ? logIndex : null, keyVersion: '1' };
  }

  const signer: Signer = {
    sign: (keyId, statement, log) => Promise.resolve(sign(keyId, statement, log)),
    verify: (...args) =>
      Promise.resolve(args).then(([keyId, b, expected]) => verify(keyId, b, expected)),
  };
  return withCallFaults(signer);
}

function parseBundle(bytes: Buffer): FakeBundle {
  try {
    const bundle = JSON.parse(bytes.toString()) as Partial<FakeBundle>;
    const isBundle =
      Array.isArray(bundle.dsseEnvelope?.signatures) &&
      Array.isArray(bundle.verificationMaterial?.tlogEntries);
    return isBundle ? (bundle as FakeBundle) : refuse('this is no bundle');
  } catch {
    return refuse('the bundle is not JSON');
  }
}
