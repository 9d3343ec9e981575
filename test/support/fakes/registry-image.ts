import { OCI_INDEX, OCI_MANIFEST } from '../../../src/adapters/oci/media-types';
import { localArchitecture } from '../../../src/adapters/oci/platform';
import { sha256 } from '../../../src/adapters/oci/schema';
import type { Digest } from '../../../src/domain/digest';
import type { Json } from '../../../src/domain/verdict';

export interface TestImageInput {
  readonly repository: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Default `65532`. */
  readonly user?: string;
  /** Layer contents; by default one small layer. */
  readonly layers?: readonly Buffer[];
  readonly entrypoint?: readonly string[];
  readonly env?: readonly string[];
  /** SLSA v1 predicate: makes the image an index with BuildKit's attestation manifest beside it. */
  readonly provenance?: Json;
  /** An index even without provenance. */
  readonly index?: boolean;
}

export interface TestManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** The parts of an image, blobs first, then manifests in the order they must be pushed. */
export interface TestImage {
  readonly digest: Digest;
  readonly blobs: readonly Buffer[];
  readonly manifests: readonly TestManifest[];
}

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';

const toBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const describe = (mediaType: string, bytes: Buffer): Record<string, unknown> => ({
  mediaType,
  digest: sha256(bytes),
  size: bytes.length,
});

function imageManifest(input: TestImageInput): { manifest: Buffer; blobs: Buffer[] } {
  const layers = input.layers ?? [Buffer.from('one small layer')];
  const config = toBytes({
    os: 'linux',
    architecture: localArchitecture(),
    config: {
      User: input.user ?? '65532',
      Env: input.env ?? [],
      Entrypoint: input.entrypoint ?? ['/server'],
      WorkingDir: '/',
      Labels: input.labels ?? {},
      ExposedPorts: { '8080/tcp': {} },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(sha256) },
  });
  const manifest = toBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: describe(CONFIG_TYPE, config),
    layers: layers.map((layer) => describe(LAYER_TYPE, layer)),
  });
  return { manifest, blobs: [config, ...layers] };
}

/** What BuildKit writes beside an image (buildkit, docs/attestations/attestation-storage.md). */
function attestation(image: Buffer, predicate: Json): { manifest: Buffer; blobs: Buffer[] } {
  const predicateType = 'https://slsa.dev/provenance/v1';
  const layer = toBytes({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name: 'image', digest: { sha256: sha256(image).slice(7) } }],
    predicate,
  });
  const config = toBytes({ os: 'unknown', architecture: 'unknown', config: {} });
  const manifest = toBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: describe(CONFIG_TYPE, config),
    layers: [
      {
        ...describe('application/vnd.in-toto+json', layer),
        annotations: { 'in-toto.io/predicate-type': predicateType },
      },
    ],
  });
  return { manifest, blobs: [config, layer] };
}

export function buildTestImage(input: TestImageInput): TestImage {
  const image = imageManifest(input);
  const children = [{ mediaType: OCI_MANIFEST, bytes: image.manifest }];
  if (input.provenance === undefined && !input.index) {
    return { digest: sha256(image.manifest), blobs: image.blobs, manifests: children };
  }
  const descriptors = [
    {
      ...describe(OCI_MANIFEST, image.manifest),
      platform: { os: 'linux', architecture: localArchitecture() },
    },
  ];
  const blobs = [...image.blobs];
  if (input.provenance !== undefined) {
    const extra = attestation(image.manifest, input.provenance);
    blobs.push(...extra.blobs);
    children.push({ mediaType: OCI_MANIFEST, bytes: extra.manifest });
    descriptors.push({
      ...describe(OCI_MANIFEST, extra.manifest),
      annotations: {
        'vnd.docker.reference.digest': sha256(image.manifest),
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { os: 'unknown', architecture: 'unknown' },
    } as (typeof descriptors)[number]);
  }
  const index = toBytes({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: descriptors });
  return {
    digest: sha256(index),
    blobs,
    manifests: [...children, { mediaType: OCI_INDEX, bytes: index }],
  };
}
