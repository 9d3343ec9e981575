import type { Bundle } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier, type SignedEntity } from '@sigstore/verify';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { SignedRule } from '../../domain/bases/family';
import { createTrust, invalid } from './verify-bundle';

export type CosignRule = Extract<SignedRule, { readonly kind: 'cosign-key' | 'cosign-keyless' }>;

/** What a vendor's signatures are verified with. */
export interface VendorTrust {
  /** How it was verified, for people. */
  readonly by: string;
  /** @throws ReleaseError SIGNATURE_INVALID */
  check(bundle: Bundle, artifact?: Buffer): void;
}

/** By name, from the folder of trust. Throws BASE_REFUSED. */
export type ReadTrustFile = (name: string) => Promise<Buffer>;

const MAX_LOG_ENTRIES = 4;

function unusable(file: string, what: string, cause: unknown): ReleaseError {
  return new ReleaseError('BASE_REFUSED', `The trust file ${file} is no ${what}`, {
    cause,
    details: { field: file, remedy: 'put the one of the vendor into the folder of trust' },
  });
}

function signerOf(verifier: Verifier, entity: SignedEntity): ReturnType<Verifier['verify']> {
  if (entity.tlogEntries.length > MAX_LOG_ENTRIES) {
    throw invalid('it names too many log entries');
  }
  try {
    return verifier.verify(entity);
  } catch (cause) {
    throw invalid(failureReason(cause), cause);
  }
}

async function keyTrust(key: string, read: ReadTrustFile): Promise<VendorTrust> {
  const pem = (await read(key)).toString('utf8');
  let verifier: Verifier;
  try {
    ({ verifier } = createTrust(pem, null));
  } catch (cause) {
    throw unusable(key, 'public key in PEM', cause);
  }
  return {
    by: `cosign key ${key}`,
    check: (bundle, artifact) => {
      if (bundle.verificationMaterial.content.$case !== 'publicKey') {
        throw invalid('it was signed with a certificate, not with the key');
      }
      // Which log a vendor with a key of its own writes to is not known here.
      signerOf(verifier, { ...toSignedEntity(bundle, artifact), tlogEntries: [], timestamps: [] });
    },
  };
}

type KeylessRule = Extract<CosignRule, { readonly kind: 'cosign-keyless' }>;

/** The certificate is short-lived: log, certificate log and a trusted time are required, one each, as `cosign verify` does. */
async function keylessTrust(rule: KeylessRule, read: ReadTrustFile): Promise<VendorTrust> {
  const text = (await read(rule.trustedRoot)).toString('utf8');
  let verifier: Verifier;
  try {
    verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(text))), {
      tlogThreshold: 1,
      timestampThreshold: 1,
      ctlogThreshold: 1,
    });
  } catch (cause) {
    throw unusable(rule.trustedRoot, 'trusted_root.json of Sigstore', cause);
  }
  return {
    by: `cosign keyless: ${rule.identity} by ${rule.issuer}`,
    check: (bundle, artifact) => {
      if (bundle.verificationMaterial.content.$case === 'publicKey') {
        throw invalid('it was signed with a plain key, not with a certificate');
      }
      const { identity } = signerOf(verifier, toSignedEntity(bundle, artifact));
      // The library takes its own policy for a regular expression.
      if (identity?.subjectAlternativeName !== rule.identity) {
        throw invalid(`it was signed by ${identity?.subjectAlternativeName ?? 'nobody'}`);
      }
      if (identity.extensions?.issuer !== rule.issuer) {
        throw invalid(`its signer is known to ${identity.extensions?.issuer ?? 'nobody'}`);
      }
    },
  };
}

/** @throws ReleaseError BASE_REFUSED when the trust file can't be used. */
export function readVendorTrust(rule: CosignRule, read: ReadTrustFile): Promise<VendorTrust> {
  return rule.kind === 'cosign-key' ? keyTrust(rule.key, read) : keylessTrust(rule, read);
}
