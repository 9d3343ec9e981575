import { ReleaseError } from '../../contract/errors';
import { sourceName, type SignedRule } from '../../domain/bases/family';
import type { VendorImage } from '../../ports/vendor-verifier';
import { dearmorKeys } from './armor';
import type { CheckGpg } from './gpgv';
import { signedImage } from './schema';
import { readSignatures } from './signature-store';

export type GpgRule = Extract<SignedRule, { readonly kind: 'gpg-simple' }>;

interface GpgOptions {
  readonly check: CheckGpg;
  /** By name, from the folder of trust. Throws BASE_REFUSED. */
  readonly readTrustFile: (name: string) => Promise<Buffer>;
}

async function keyringOf({ keys }: GpgRule, { readTrustFile }: GpgOptions): Promise<Buffer> {
  const rings = await Promise.all(
    keys.map(async (file) => {
      const ring = dearmorKeys((await readTrustFile(file)).toString('utf8'));
      if (ring.length > 0) return ring;
      throw new ReleaseError('BASE_REFUSED', `The trust file ${file} holds no armored public key`, {
        details: { field: file, remedy: 'export it anew: gpg --armor --export KEY' },
      });
    }),
  );
  return Buffer.concat(rings);
}

/** `host/repository` of a reference with a tag or digest. */
function nameOf(reference: string): string {
  const [name = ''] = reference.split('@');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  return colon < 0 ? name : name.slice(0, colon);
}

/** What the signed bytes say that they should not; null when they are about this image. */
function faultOf(payload: Buffer, name: string, digest: string): string | null {
  let json: unknown;
  try {
    json = JSON.parse(payload.toString('utf8'));
  } catch {
    return 'what was signed is not JSON';
  }
  const signed = signedImage.safeParse(json);
  if (!signed.success) return 'what was signed is no image';
  const { image, identity } = signed.data.critical;
  const { 'docker-manifest-digest': signedDigest } = image;
  if (signedDigest !== digest) return `what was signed is ${signedDigest}`;
  const reference = identity['docker-reference'];
  return nameOf(reference) === name ? null : `it was signed as ${reference}`;
}

/** Whether it was signed by one of the keys, in the lookaside layout of containers/image. @throws as VerifyVendor */
export async function verifyGpg(
  { source, digest }: VendorImage,
  rule: GpgRule,
  options: GpgOptions,
): Promise<string> {
  const keyring = await keyringOf(rule, options);
  const name = rule.signedAs ?? sourceName(source);
  const repository = name.slice(name.indexOf('/') + 1);
  let why = 'there is none in the store';
  for await (const signature of readSignatures(rule.store, repository, digest)) {
    const signed = await options.check(signature, keyring);
    const fault = signed
      ? faultOf(signed.payload, name, digest)
      : 'none of the keys made it, or it was changed';
    if (signed && fault === null) return `GPG key ${signed.fingerprint}`;
    why = fault ?? why;
  }
  throw new ReleaseError(
    'SIGNATURE_INVALID',
    `No GPG signature of ${name}@${digest} holds: ${why}`,
    { details: { remedy: 'do not use it; check the keys and the store of the family' } },
  );
}
