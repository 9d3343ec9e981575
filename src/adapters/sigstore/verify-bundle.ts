import { createPublicKey, verify as verifySignature, type KeyObject } from 'node:crypto';
import {
  bundleFromJSON,
  isBundleWithDsseEnvelope,
  isBundleWithPublicKey,
  type BundleWithDsseEnvelope,
} from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import type { Statement, VerifiedBundle } from '../../ports/signer';
import { hashedRekordBody, statement as statementSchema } from './schema';
import { IN_TOTO_TYPE } from './sign-bundle';

/** SBOMs are the largest predicates. */
const MAX_BUNDLE_BYTES = 32 * 1024 * 1024;
const MAX_LOG_ENTRIES = 4;

const NO_LOGS: TrustedRoot = {
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  tlogs: [],
  ctlogs: [],
  certificateAuthorities: [],
  timestampAuthorities: [],
};

export type SignedBundle = BundleWithDsseEnvelope;

export interface Expected {
  readonly subject: Digest;
  readonly predicateType: string;
}

export function invalid(reason: string, cause?: unknown): ReleaseError {
  return new ReleaseError('SIGNATURE_INVALID', reason, {
    cause,
    details: { remedy: 'sign the digest again with the right key, or do not use it' },
  });
}

/** @throws ReleaseError SIGNATURE_INVALID for what is no DSSE bundle of a statement with one signature. */
export function parseEnvelope(bytes: Buffer): BundleWithDsseEnvelope {
  if (bytes.length > MAX_BUNDLE_BYTES) {
    throw invalid(`the bundle is over ${MAX_BUNDLE_BYTES} bytes`);
  }
  let bundle;
  try {
    bundle = bundleFromJSON(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw invalid('this is no sigstore bundle', cause);
  }
  if (!isBundleWithDsseEnvelope(bundle)) {
    throw invalid('the bundle holds no DSSE envelope');
  }
  const { payloadType, signatures } = bundle.content.dsseEnvelope;
  // The library checks the first signature only: with a second one, readers could see different things.
  if (signatures.length !== 1) {
    throw invalid(`the envelope has ${signatures.length} signatures, one is allowed`);
  }
  if (payloadType !== IN_TOTO_TYPE) {
    throw invalid('the payload is no in-toto statement');
  }
  return bundle;
}

/** @throws ReleaseError SIGNATURE_INVALID for what is no DSSE bundle with one signature and a plain key. */
export function parseBundle(bytes: Buffer): SignedBundle {
  const bundle = parseEnvelope(bytes);
  if (!isBundleWithPublicKey(bundle)) {
    throw invalid('the bundle holds no DSSE envelope signed with a plain key');
  }
  return bundle;
}

export function parseStatement({ content }: Pick<SignedBundle, 'content'>): Statement {
  let json: unknown;
  try {
    json = JSON.parse(content.dsseEnvelope.payload.toString('utf8'));
  } catch (cause) {
    throw invalid('the payload is not JSON', cause);
  }
  const parsed = statementSchema.safeParse(json);
  if (!parsed.success) {
    throw invalid('the payload is no in-toto statement', parsed.error);
  }
  const { subject, ...rest } = parsed.data;
  return {
    ...rest,
    subject: subject.map(({ name, digest }) =>
      name === undefined ? { digest } : { name, digest },
    ),
  };
}

/** The log must hold this signature under this key: a signature can be valid under a second, crafted key. */
function assertLoggedKey(canonicalizedBody: Buffer, key: string): void {
  let json: unknown;
  try {
    json = JSON.parse(canonicalizedBody.toString('utf8'));
  } catch (cause) {
    throw invalid('the log entry is not JSON', cause);
  }
  const body = hashedRekordBody.safeParse(json);
  if (body.data?.spec.hashedRekordV002.signature.verifier.publicKey.rawBytes !== key) {
    throw invalid('the log entry names another key', body.error);
  }
}

export function assertExpected({ subject, predicateType }: Statement, expected: Expected): void {
  if (predicateType !== expected.predicateType) {
    throw invalid(`the statement is a ${predicateType}, expected ${expected.predicateType}`);
  }
  const hex = expected.subject.slice('sha256:'.length);
  if (!subject.some(({ digest }) => digest['sha256'] === hex)) {
    throw invalid(`the statement is not about ${expected.subject}`);
  }
}

/** A key and the logs it must be found in, made ready once: parsing them costs as much as a verification. */
export interface Trust {
  readonly verifier: Verifier;
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo, base64. */
  readonly key: string;
  readonly logRequired: boolean;
}

/** `root` null: the log is not required, and what a bundle says of it is not looked at. */
export function createTrust(publicKeyPem: string, root: TrustedRoot | null): Trust {
  const publicKey = createPublicKey(publicKeyPem);
  const material = toTrustMaterial(root ?? NO_LOGS, () => ({ publicKey, validFor: () => true }));
  const verifier = new Verifier(material, {
    tlogThreshold: root ? 1 : 0,
    timestampThreshold: 0,
    ctlogThreshold: 0,
  });
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return { verifier, publicKey, key, logRequired: root !== null };
}

/** Whether this key made the signature; all else is still to be verified. */
export function isSignedBy(bundle: SignedBundle, { publicKey }: Trust): boolean {
  const { payload, payloadType, signatures } = bundle.content.dsseEnvelope;
  const signed = dsse.preAuthEncoding(payloadType, payload);
  return verifySignature('sha256', signed, publicKey, signatures[0]?.sig ?? Buffer.of());
}

/** @throws ReleaseError SIGNATURE_INVALID */
export function verifyBundle(
  bundle: SignedBundle,
  trust: Trust,
  expected: Expected,
): Omit<VerifiedBundle, 'keyVersion'> {
  const entity = toSignedEntity(bundle);
  const tlogEntries = trust.logRequired ? entity.tlogEntries : [];
  if (tlogEntries.length > MAX_LOG_ENTRIES) {
    throw invalid(`the bundle holds ${tlogEntries.length} log entries`);
  }
  try {
    trust.verifier.verify({ ...entity, tlogEntries, timestamps: [] });
  } catch (cause) {
    throw invalid(failureReason(cause), cause);
  }
  for (const entry of tlogEntries) {
    assertLoggedKey(entry.canonicalizedBody, trust.key);
  }
  const statement = parseStatement(bundle);
  assertExpected(statement, expected);
  // The index beside the proof is not covered by it.
  return { statement, logIndex: tlogEntries[0]?.inclusionProof?.logIndex ?? null };
}
