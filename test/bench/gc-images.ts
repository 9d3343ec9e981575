import { hash } from 'node:crypto';
import { OCI_INDEX, OCI_MANIFEST } from '../../src/adapters/oci/media-types';
import type { Digest } from '../../src/domain/digest';
import type { InventoryEdge } from '../../src/ports/inventory';

const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';
const SIGNATURE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';

/** A few bytes with their real digest; `edge` is how a manifest names it. */
export interface MadeBlob {
  readonly bytes: string;
  readonly edge: InventoryEdge;
}

export interface MadeManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly bytes: string;
  readonly subject: Digest | null;
  readonly edges: readonly InventoryEdge[];
}

function digestOf(bytes: string): Digest {
  return `sha256:${hash('sha256', bytes)}`;
}

function blob(kind: 'config' | 'layer', mediaType: string, bytes: string): MadeBlob {
  return { bytes, edge: { kind, digest: digestOf(bytes), size: bytes.length, mediaType } };
}

export const makeLayer = (name: string): MadeBlob => blob('layer', LAYER_TYPE, `layer ${name}`);

export const makeConfig = (name: string): MadeBlob =>
  blob('config', CONFIG_TYPE, `{"os":"linux","architecture":"amd64","author":"${name}"}`);

/** image-spec, "Guidance for an Empty Descriptor": the config of every referrer. */
export const EMPTY = blob('config', EMPTY_TYPE, '{}');

const descriptor = ({ mediaType, digest, size }: InventoryEdge): string =>
  `{"mediaType":"${mediaType}","digest":"${digest}","size":${size}}`;

export function makeImage(config: MadeBlob, layers: readonly MadeBlob[]): MadeManifest {
  const edges = layers.map((layer) => layer.edge);
  const bytes =
    `{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","config":${descriptor(config.edge)},` +
    `"layers":[${edges.map(descriptor).join(',')}]}`;
  return {
    ...{ digest: digestOf(bytes), mediaType: OCI_MANIFEST, artifactType: null, bytes },
    ...{ subject: null, edges: [config.edge, ...edges] },
  };
}

export function makeIndex(children: readonly MadeManifest[]): MadeManifest {
  const edges = children.map(({ digest, mediaType, bytes }): InventoryEdge => ({
    ...{ kind: 'child', digest, mediaType, size: bytes.length },
  }));
  const bytes = `{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":[${edges.map(descriptor).join(',')}]}`;
  return {
    ...{ digest: digestOf(bytes), mediaType: OCI_INDEX, artifactType: null, bytes },
    ...{ subject: null, edges },
  };
}

export interface MadeReferrer extends MadeManifest {
  readonly payload: MadeBlob;
}

/** A signature by its shape: one layer, the empty config, a subject. */
export function makeReferrer(subject: Digest, subjectSize: number, name: string): MadeReferrer {
  const payload = blob('layer', SIGNATURE_TYPE, `{"signature":"${name}"}`);
  const target = `{"mediaType":"${OCI_MANIFEST}","digest":"${subject}","size":${subjectSize}}`;
  const bytes =
    `{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","artifactType":"${SIGNATURE_TYPE}",` +
    `"config":${descriptor(EMPTY.edge)},"layers":[${descriptor(payload.edge)}],"subject":${target}}`;
  return {
    ...{ digest: digestOf(bytes), mediaType: OCI_MANIFEST, artifactType: SIGNATURE_TYPE, bytes },
    ...{ subject, edges: [EMPTY.edge, payload.edge], payload },
  };
}
