import type { Digest } from '../../../../src/domain/digest';
import {
  OCI_INDEX,
  OCI_MANIFEST,
  type DescriptorFacts,
  type ManifestFacts,
} from '../../../../src/domain/registry/manifest-facts';

export const IMAGE_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const IMAGE_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const CHART_CONFIG = 'application/vnd.cncf.helm.config.v1+json';
export const CHART_LAYER = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
export const CHART_PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';
export const IN_TOTO = 'application/vnd.in-toto+json';
export const EMPTY = 'application/vnd.oci.empty.v1+json';

export function digest(seed: string): Digest {
  return `sha256:${seed.repeat(64).slice(0, 64)}`;
}

export function named(mediaType: string, seed = '1'): DescriptorFacts {
  return { mediaType, digest: digest(seed), size: 10 };
}

/** An image, unless told otherwise. */
export function manifestOf(over: Partial<ManifestFacts> = {}): ManifestFacts {
  return {
    kind: 'manifest',
    digest: digest('a'),
    size: 100,
    mediaType: OCI_MANIFEST,
    artifactType: null,
    config: named(IMAGE_CONFIG, 'c'),
    layers: [named(IMAGE_LAYER, 'b')],
    children: [],
    subject: null,
    annotations: {},
    ...over,
  };
}

export function indexOf(
  children: readonly DescriptorFacts[],
  over: Partial<ManifestFacts> = {},
): ManifestFacts {
  return manifestOf({
    kind: 'index',
    mediaType: OCI_INDEX,
    config: null,
    layers: [],
    children,
    ...over,
  });
}
