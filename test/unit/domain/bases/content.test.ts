import { manifestFaults, type TreeManifest } from '../../../../src/domain/bases/content';

const OCI = 'application/vnd.oci.image';
const part = (mediaType: string): TreeManifest['layers'][number] => ({
  mediaType,
  digest: 'sha256:part',
  size: 1,
});

const IMAGE: TreeManifest = {
  digest: 'sha256:image',
  mediaType: `${OCI}.manifest.v1+json`,
  config: part(`${OCI}.config.v1+json`),
  layers: [part(`${OCI}.layer.v1.tar+gzip`)],
  manifests: [],
};
const INDEX: TreeManifest = {
  digest: 'sha256:index',
  mediaType: `${OCI}.index.v1+json`,
  layers: [],
  manifests: [part(IMAGE.mediaType)],
};
const DOCKER: TreeManifest = {
  ...IMAGE,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: part('application/vnd.docker.container.image.v1+json'),
  layers: [part('application/vnd.docker.image.rootfs.diff.tar.gzip')],
};

it.each([
  ['an image', IMAGE, null],
  ['an image of an index', IMAGE, IMAGE],
  ['an index', INDEX, null],
  ['one of Docker', DOCKER, DOCKER],
  [
    'an attestation of BuildKit',
    { ...IMAGE, layers: [part('application/vnd.in-toto+json')] },
    IMAGE,
  ],
])('takes %s', (_what, manifest, stated) => {
  expect(manifestFaults(manifest, stated)).toEqual([]);
});

it.each([
  ['another type than its index says', DOCKER, IMAGE, /its index/],
  ['an index within an index', INDEX, INDEX, /within an index/],
  ['an index of nothing', { ...INDEX, manifests: [] }, null, /of nothing/],
  ['an index with layers', { ...INDEX, layers: IMAGE.layers }, null, /with layers/],
  ['an image with images', { ...IMAGE, manifests: INDEX.manifests }, null, /images below/],
  ['an artifact', { ...IMAGE, config: part('application/vnd.oci.empty.v1+json') }, null, /config/],
  ['a chart', { ...IMAGE, config: part('application/vnd.cncf.helm.config.v1+json') }, null, /helm/],
  ['no type at all', { ...IMAGE, mediaType: '' }, null, /no image/],
  [
    'schema 1',
    { ...IMAGE, mediaType: 'application/vnd.docker.distribution.manifest.v1+json' },
    null,
    /no image/,
  ],
  [
    'a foreign layer',
    { ...IMAGE, layers: [part('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')] },
    null,
    /foreign/,
  ],
])('refuses %s', (_what, manifest: TreeManifest, stated: TreeManifest | null, why) => {
  expect(manifestFaults(manifest, stated)).toEqual([expect.stringMatching(why)]);
});
