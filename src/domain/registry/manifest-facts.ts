import type { Digest } from '../digest';

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

const IMAGE_CONFIGS: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];
const CHART_CONFIG = 'application/vnd.cncf.helm.config.v1+json';

/** image-spec, descriptor.md; what the rules look at. */
export interface DescriptorFacts {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

/** What a manifest says of itself, read once and strictly; every rule goes by this. */
export interface ManifestFacts {
  readonly kind: 'manifest' | 'index';
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  /** As written in the manifest. */
  readonly artifactType: string | null;
  /** Null for an index. */
  readonly config: DescriptorFacts | null;
  readonly layers: readonly DescriptorFacts[];
  readonly children: readonly DescriptorFacts[];
  readonly subject: Digest | null;
  readonly annotations: Readonly<Record<string, string>>;
}

export function kindOfMediaType(mediaType: string): ManifestFacts['kind'] | null {
  if (mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST) return 'manifest';
  return mediaType === OCI_INDEX || mediaType === DOCKER_LIST ? 'index' : null;
}

/**
 * image: can be run. attestation: looks like an image but carries paper, as BuildKit and cosign's legacy tags do it.
 * artifact: anything else that is no index and no Helm chart.
 */
export type ManifestRole = 'image' | 'index' | 'attestation' | 'chart' | 'artifact';

/** Text, JSON and XML: statements, signatures, SBOMs. */
const PAPER = /^(?:text\/[^;]+|application\/(?:[^;]*\+)?(?:json|xml))(?:;|$)/;
/** What runtimes unpack whatever the suffix says: to containerd `…layer.v1.tar+json` is a plain tar. */
const LAYER = /^application\/vnd\.(?:oci\.image\.layer|docker\.image\.rootfs)\./;

function isPaper({ mediaType }: DescriptorFacts): boolean {
  return PAPER.test(mediaType) && !LAYER.test(mediaType);
}

export function roleOf({ kind, config, layers }: ManifestFacts): ManifestRole {
  if (kind === 'index') return 'index';
  if (config === null) return 'artifact';
  if (config.mediaType === CHART_CONFIG) return 'chart';
  if (!IMAGE_CONFIGS.includes(config.mediaType)) return 'artifact';
  return layers.length > 0 && layers.every(isPaper) ? 'attestation' : 'image';
}

/** distribution-spec, "Listing Referrers": a manifest without a type is of its config's type, an index of none. */
export function artifactTypeOf({ artifactType, config }: ManifestFacts): string | null {
  return artifactType ?? config?.mediaType ?? null;
}

export interface ManifestEdge extends DescriptorFacts {
  readonly kind: 'config' | 'layer' | 'child';
}

/** What it names, each once: images list the same empty layer again and again. The subject is no part of it. */
export function edgesOf({ config, layers, children }: ManifestFacts): readonly ManifestEdge[] {
  const all: readonly ManifestEdge[] = [
    ...(config ? [{ ...config, kind: 'config' as const }] : []),
    ...layers.map((layer) => ({ ...layer, kind: 'layer' as const })),
    ...children.map((child) => ({ ...child, kind: 'child' as const })),
  ];
  const seen = new Set<string>();
  return all.filter(({ kind, digest }) => {
    const key = `${kind} ${digest}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Itself and all that it names: none of these may be quarantined when it comes in. */
export function digestsOf(facts: ManifestFacts): readonly Digest[] {
  return [facts.digest, ...edgesOf(facts).map(({ digest }) => digest)];
}
