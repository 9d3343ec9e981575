/** image-spec, "Media types", and the Docker names that registries still hold. */
const INDEX_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

const MANIFEST_TYPES: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';

/** image-spec, manifest.md, "Guidance for an Empty Descriptor". */
export const EMPTY_BYTES = Buffer.from('{}');

export const ACCEPT_MANIFESTS = [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ');
