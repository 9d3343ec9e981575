/** As the registry adapter reads it; of an index `manifests`, of an image `config` and `layers`. */
export interface TreeManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly config?: TreePart;
  readonly layers: readonly TreePart[];
  readonly manifests: readonly TreePart[];
}

interface TreePart {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** More platforms than any base has, each with its attestation. */
export const MAX_BASE_MANIFESTS = 100;
/** Of all platforms together. */
export const MAX_BASE_BYTES = 8 * 1024 ** 3;

const INDEXES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const IMAGES: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const CONFIGS: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];
/** Foreign layers are left out: their bytes come from elsewhere at each pull. `in-toto`: attestations of BuildKit. */
const LAYERS: readonly string[] = [
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.in-toto+json',
];

export function isIndexType(mediaType: string): boolean {
  return INDEXES.includes(mediaType);
}

/** What of a manifest can't be copied as a base, in one sentence each; `stated` is what its index says of it. */
export function manifestFaults(
  manifest: TreeManifest,
  stated: Pick<TreePart, 'mediaType'> | null,
): readonly string[] {
  const { digest, mediaType, config, layers, manifests } = manifest;
  const fault = (text: string): string => `${digest} ${text}`;
  if (stated && stated.mediaType !== mediaType) {
    return [fault(`calls itself ${mediaType}, its index ${stated.mediaType}`)];
  }
  if (isIndexType(mediaType)) {
    if (stated) return [fault('is an index within an index')];
    if (config || layers.length > 0) return [fault('is an index with layers')];
    return manifests.length > 0 ? [] : [fault('is an index of nothing')];
  }
  if (!IMAGES.includes(mediaType)) return [fault(`is no image but ${mediaType}`)];
  if (manifests.length > 0) return [fault('is an image with images below it')];
  if (!config || !CONFIGS.includes(config.mediaType)) {
    return [fault(`has no config of an image but ${config?.mediaType ?? 'none'}`)];
  }
  return layers
    .filter((layer) => !LAYERS.includes(layer.mediaType))
    .map((layer) => fault(`has a layer of ${layer.mediaType}`));
}
