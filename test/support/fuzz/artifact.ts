import { OCI_INDEX, OCI_MANIFEST } from '../../../src/adapters/oci/media-types';
import { sha256 } from '../../../src/adapters/oci/schema';

/** Labels that the default policy wants. */
export const LABELS: Readonly<Record<string, string>> = {
  'org.opencontainers.image.version': '1.0.0',
  'org.opencontainers.image.revision': 'abcdef123456',
  'org.opencontainers.image.source': 'https://git.example/checkout',
  'org.opencontainers.image.created': '2026-11-24T10:00:00Z',
  'plura.region': 'eu-west-1',
  'plura.release_id': 'checkout/1.0.0_abcdef123456',
  'plura.build_id': '1',
};

export const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
export const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';

export function configOf(labels: Readonly<Record<string, string>>, seed = ''): Buffer {
  const config = { os: 'linux', architecture: 'amd64', config: { Labels: labels }, seed };
  return Buffer.from(JSON.stringify({ ...config, rootfs: { type: 'layers', diff_ids: [] } }));
}

export interface DescriptorJson {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export function descriptorOf(mediaType: string, bytes: Buffer): DescriptorJson {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

export const CONFIG = configOf(LABELS);
export const LAYER = Buffer.from('a layer');

/** A correct image manifest, to be bent by a test. */
export function manifestJson(config: Buffer = CONFIG): Record<string, unknown> {
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptorOf(CONFIG_TYPE, config),
    layers: [descriptorOf(LAYER_TYPE, LAYER)],
  };
}

export function indexJson(children: readonly unknown[]): Record<string, unknown> {
  return { schemaVersion: 2, mediaType: OCI_INDEX, manifests: children };
}

export const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Indexes in one another, each in its place by its own digest, the outermost first. */
export function nestedIndexes(depth: number): readonly Buffer[] {
  const chain: Buffer[] = [];
  for (let level = 0; level < depth; level += 1) {
    const inner = chain[0];
    chain.unshift(bytesOf(indexJson(inner ? [descriptorOf(OCI_INDEX, inner)] : [])));
  }
  return chain;
}

export const DEEP_INDEX = nestedIndexes(64);
