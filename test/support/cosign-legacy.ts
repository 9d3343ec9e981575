import { OCI_MANIFEST } from '../../src/adapters/oci/media-types';
import { sha256 } from '../../src/adapters/oci/schema';
import type { Digest } from '../../src/domain/digest';
import type { ImageRef } from '../../src/domain/reference';

interface Signed {
  readonly signature: string;
  readonly certificate: string | null;
  readonly logEntry: string | null;
}

interface Target {
  putBlob(repository: string, bytes: Buffer): unknown;
  putManifest(repository: string, bytes: Buffer, mediaType: string, tag: string): unknown;
}

/** A signature as cosign 1 and 2 attached it: under the tag `sha256-HEX.sig`. */
export async function attachLegacy(
  target: Target,
  { repository, digest }: ImageRef,
  signedDigest: Digest,
  sign: (payload: Buffer) => Signed,
): Promise<void> {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': repository },
        image: { 'docker-manifest-digest': signedDigest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  const { signature, certificate, logEntry } = sign(payload);
  const config = Buffer.from('{}');
  await target.putBlob(repository, config);
  await target.putBlob(repository, payload);
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: sha256(config),
      size: config.length,
    },
    layers: [
      {
        mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
        digest: sha256(payload),
        size: payload.length,
        annotations: {
          'dev.cosignproject.cosign/signature': signature,
          ...(certificate !== null && { 'dev.sigstore.cosign/certificate': certificate }),
          ...(logEntry !== null && { 'dev.sigstore.cosign/bundle': logEntry }),
        },
      },
    ],
  };
  const tag = `${digest.replace(':', '-')}.sig`;
  await target.putManifest(repository, Buffer.from(JSON.stringify(manifest)), OCI_MANIFEST, tag);
}
