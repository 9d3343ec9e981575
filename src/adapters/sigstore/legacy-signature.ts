import { createHash, X509Certificate } from 'node:crypto';
import { bundleFromJSON, type Bundle } from '@sigstore/bundle';
import type { Digest } from '../../domain/digest';
import type { Descriptor } from '../../ports/registry';
import { rekorBundle, simpleSigning } from './schema';
import { invalid } from './verify-bundle';

/** Names of cosign 1 and 2 (cosign, specs/SIGNATURE_SPEC.md). */
export const LEGACY_LAYER = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const LOG_ENTRY = 'dev.sigstore.cosign/bundle';

const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle+json;version=0.1';

export interface LegacySignature {
  readonly bundle: Bundle;
  /** What was signed. */
  readonly payload: Buffer;
}

/** As the old annotation says it: Rekor's promise, no proof (rekor v1). */
function logEntries(annotation: string | undefined): readonly object[] {
  if (annotation === undefined) return [];
  const { SignedEntryTimestamp: promise, Payload: entry } = rekorBundle.parse(
    JSON.parse(annotation),
  );
  return [
    {
      logIndex: String(entry.logIndex),
      logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
      kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
      integratedTime: String(entry.integratedTime),
      inclusionPromise: { signedEntryTimestamp: promise },
      canonicalizedBody: entry.body,
    },
  ];
}

function materialOf(annotations: Readonly<Record<string, string>>): object {
  const certificate = annotations[CERTIFICATE];
  const tlogEntries = logEntries(annotations[LOG_ENTRY]);
  if (certificate === undefined) return { publicKey: { hint: '' }, tlogEntries };
  const rawBytes = new X509Certificate(certificate).raw.toString('base64');
  return { x509CertificateChain: { certificates: [{ rawBytes }] }, tlogEntries };
}

/** @throws ReleaseError SIGNATURE_INVALID when layer and payload are no signature in that form. */
export function readLegacySignature(
  { annotations = {} }: Descriptor,
  payload: Buffer,
): LegacySignature {
  try {
    const digest = createHash('sha256').update(payload).digest('base64');
    const bundle = bundleFromJSON({
      mediaType: BUNDLE_TYPE,
      verificationMaterial: materialOf(annotations),
      messageSignature: {
        messageDigest: { algorithm: 'SHA2_256', digest },
        signature: annotations[SIGNATURE] ?? '',
      },
    });
    return { bundle, payload };
  } catch (cause) {
    throw invalid('this is no signature of cosign', cause);
  }
}

/** The payload names a digest and nothing that we need beside it. @throws ReleaseError SIGNATURE_INVALID */
export function assertPayload(payload: Buffer, digest: Digest): void {
  let signed;
  try {
    signed = simpleSigning.parse(JSON.parse(payload.toString('utf8')));
  } catch (cause) {
    throw invalid('what was signed is no image', cause);
  }
  const { image } = signed.critical;
  if (image['docker-manifest-digest'] !== digest) {
    throw invalid(`what was signed is ${image['docker-manifest-digest']}`);
  }
}
