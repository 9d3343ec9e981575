import { ReleaseError } from '../../contract/errors';
import { sourceName } from '../../domain/bases/family';
import type { Manifest } from '../../ports/registry';
import { BUNDLE_ARTIFACT_TYPE, PREDICATE_TYPES } from '../../ports/signer';
import type { VendorImage } from '../../ports/vendor-verifier';
import { assertPayload, LEGACY_LAYER, readLegacySignature } from './legacy-signature';
import {
  readVendorTrust,
  type CosignRule,
  type ReadTrustFile,
  type VendorTrust,
} from './vendor-trust';
import { assertExpected, invalid, parseEnvelope, parseStatement } from './verify-bundle';

/** Anyone who can push there can attach without end; a signature is small. */
const MAX_ATTACHED = 100;
const MAX_SIGNATURES = 50;
const MAX_BYTES = 1024 * 1024;

const isInvalid = (error: unknown): error is ReleaseError =>
  error instanceof ReleaseError && error.code === 'SIGNATURE_INVALID';

/** As cosign 3 attaches it: a statement that names the digest, in a bundle. */
function checkBundle({ digest }: VendorImage, bytes: Buffer, trust: VendorTrust): void {
  const bundle = parseEnvelope(bytes);
  trust.check(bundle);
  assertExpected(parseStatement(bundle), {
    subject: digest,
    predicateType: PREDICATE_TYPES.signature,
  });
}

/** One check for each signature of a manifest that holds some; none for what is something else. */
function checksOf(
  image: VendorImage,
  manifest: Manifest,
  trust: VendorTrust,
): readonly (() => Promise<void>)[] {
  const { repository } = image.source;
  const isBundle = manifest.artifactType === BUNDLE_ARTIFACT_TYPE;
  return manifest.layers.flatMap((layer) => {
    const read = (): Promise<Buffer> =>
      image.vendor.getBlob({ repository, digest: layer.digest }, MAX_BYTES);
    if (isBundle && layer.mediaType === BUNDLE_ARTIFACT_TYPE) {
      return [
        async () => {
          checkBundle(image, await read(), trust);
        },
      ];
    }
    if (layer.mediaType !== LEGACY_LAYER) return [];
    return [
      async () => {
        const payload = await read();
        trust.check(readLegacySignature(layer, payload).bundle, payload);
        assertPayload(payload, image.digest);
      },
    ];
  });
}

/** Each signature there is, one after the other: a bad one beside a good one harms nobody. Null when one holds, else why none does. */
async function faultOf(image: VendorImage, trust: VendorTrust): Promise<string | null> {
  const { repository } = image.source;
  let why = 'it has none of cosign';
  let left = MAX_SIGNATURES;
  const attached = await image.vendor.listAttached({ repository, digest: image.digest });
  for (const { digest } of attached.slice(0, MAX_ATTACHED)) {
    const manifest = await image.vendor.getManifest({ repository, digest });
    for (const check of checksOf(image, manifest, trust).slice(0, left)) {
      left -= 1;
      try {
        await check();
        return null;
      } catch (error) {
        if (!isInvalid(error)) throw error;
        why = error.message;
      }
    }
  }
  return why;
}

/** Whether cosign signed it, with bundles or as its older versions did. @throws as VerifyVendor */
export async function verifyCosign(
  image: VendorImage,
  rule: CosignRule,
  read: ReadTrustFile,
): Promise<string> {
  const trust = await readVendorTrust(rule, read);
  const fault = await faultOf(image, trust);
  if (fault === null) return trust.by;
  const name = `${sourceName(image.source)}@${image.digest}`;
  throw invalid(`No signature of ${name} holds by ${trust.by}: ${fault}`);
}
