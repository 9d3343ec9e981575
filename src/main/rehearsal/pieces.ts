import { artifactManifest } from '../../adapters/oci/artifact';
import { EMPTY_BYTES, EMPTY_TYPE, OCI_INDEX, OCI_MANIFEST } from '../../adapters/oci/media-types';
import { sha256 } from '../../adapters/oci/schema';
import type { EvidenceBody } from '../../contract/schema/evidence';
import type { Descriptor } from '../../ports/registry';
import { BUNDLE_ARTIFACT_TYPE, PREDICATE_TYPE_ANNOTATION } from '../../ports/signer';

/** What is put together for one answer of a registry (docs/gateway.md, "Evidence in one read"). */
export interface Pieces {
  manifest(mediaType: string, content: object): Descriptor;
  blob(bytes: Buffer): Descriptor;
  /** Lists them all as attached to it. */
  attach(subject: Descriptor, bundles: readonly (readonly [type: string, bytes: Buffer])[]): void;
  body(): EvidenceBody;
}

export function createPieces(): Pieces {
  const body: { [Part in keyof EvidenceBody]: EvidenceBody[Part] } = {
    manifests: [],
    blobs: [],
    referrers: [],
    truncated: [],
  };

  function add(mediaType: string, bytes: Buffer): Descriptor {
    const digest = sha256(bytes);
    body.manifests.push({ digest, mediaType, data: bytes.toString('base64') });
    return { mediaType, digest, size: bytes.length };
  }

  function blob(bytes: Buffer): Descriptor {
    const digest = sha256(bytes);
    body.blobs.push({ digest, data: bytes.toString('base64') });
    return { mediaType: EMPTY_TYPE, digest, size: bytes.length };
  }

  blob(EMPTY_BYTES);
  return {
    manifest: (mediaType, content) =>
      add(mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }))),
    blob,
    attach: (subject, bundles) => {
      const manifests = bundles.map(([type, payload]) => {
        const annotations = { [PREDICATE_TYPE_ANNOTATION]: type };
        const kind = { artifactType: BUNDLE_ARTIFACT_TYPE, mediaType: BUNDLE_ARTIFACT_TYPE };
        const input = { ...kind, payload, annotations };
        const image = { repository: '', digest: subject.digest };
        const { bytes, descriptor } = artifactManifest({ ...input, subject: image }, subject);
        add(OCI_MANIFEST, bytes);
        blob(payload);
        return descriptor;
      });
      const list = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
      body.referrers.push({ subject: subject.digest, data: Buffer.from(list).toString('base64') });
    },
    body: () => body,
  };
}
