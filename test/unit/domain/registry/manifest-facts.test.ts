import {
  artifactTypeOf,
  digestsOf,
  edgesOf,
  kindOfMediaType,
  OCI_INDEX,
  OCI_MANIFEST,
  roleOf,
} from '../../../../src/domain/registry/manifest-facts';
import {
  CHART_CONFIG,
  CHART_LAYER,
  digest,
  EMPTY,
  IMAGE_CONFIG,
  IMAGE_LAYER,
  IN_TOTO,
  indexOf,
  manifestOf,
  named,
} from './manifests';

describe('kindOfMediaType', () => {
  it.each([
    [OCI_MANIFEST, 'manifest'],
    ['application/vnd.docker.distribution.manifest.v2+json', 'manifest'],
    [OCI_INDEX, 'index'],
    ['application/vnd.docker.distribution.manifest.list.v2+json', 'index'],
    ['application/vnd.docker.distribution.manifest.v1+json', null],
    ['application/json', null],
  ])('%s is %s', (mediaType, kind) => {
    expect(kindOfMediaType(mediaType)).toBe(kind);
  });
});

describe('roleOf', () => {
  it('is an image when it could be run', () => {
    expect(roleOf(manifestOf())).toBe('image');
    expect(roleOf(manifestOf({ layers: [] }))).toBe('image');
  });

  it.each([
    IN_TOTO,
    'application/vnd.dev.cosign.simplesigning.v1+json',
    'application/vnd.dsse.envelope.v1+json',
    'application/vnd.cyclonedx+json;version=1.5',
    'text/spdx+json',
  ])('is an attestation when all its layers are paper: %s', (mediaType) => {
    expect(roleOf(manifestOf({ layers: [named(mediaType)] }))).toBe('attestation');
  });

  it.each([
    IMAGE_LAYER,
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
    'application/x-tar',
    'application/vnd.oci.image.layer.v1.tar+json',
    'application/vnd.oci.image.layer.v1.tar+zstd+json',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+xml',
    'application/vnd.docker.image.rootfs.diff.tar+json',
  ])('stays an image when one layer among the papers could be run: %s', (mediaType) => {
    const layers = [named(IN_TOTO, '1'), named(mediaType, '2')];

    expect(roleOf(manifestOf({ layers }))).toBe('image');
  });

  it('does not take a subject for a proof that it is no image', () => {
    expect(roleOf(manifestOf({ subject: digest('f') }))).toBe('image');
  });

  it('knows indexes, charts and artifacts', () => {
    expect(roleOf(indexOf([]))).toBe('index');
    expect(
      roleOf(manifestOf({ config: named(CHART_CONFIG), layers: [named(CHART_LAYER, '2')] })),
    ).toBe('chart');
    expect(roleOf(manifestOf({ config: named(EMPTY) }))).toBe('artifact');
  });
});

describe('artifactTypeOf', () => {
  it('is what the manifest says, else the type of its config, else none', () => {
    expect(artifactTypeOf(manifestOf({ artifactType: 'a/b' }))).toBe('a/b');
    expect(artifactTypeOf(manifestOf())).toBe(IMAGE_CONFIG);
    expect(artifactTypeOf(indexOf([]))).toBeNull();
  });
});

describe('edgesOf', () => {
  it('names config, layers and children, each once', () => {
    const empty = named(IMAGE_LAYER, 'b');
    const image = manifestOf({ layers: [empty, named(IMAGE_LAYER, 'd'), empty] });

    expect(edgesOf(image).map(({ kind, digest: to }) => [kind, to])).toEqual([
      ['config', digest('c')],
      ['layer', digest('b')],
      ['layer', digest('d')],
    ]);
    expect(edgesOf(indexOf([named(OCI_MANIFEST, '1'), named(OCI_MANIFEST, '1')]))).toEqual([
      { kind: 'child', ...named(OCI_MANIFEST, '1') },
    ]);
  });

  it('keeps one blob in two parts apart', () => {
    const both = named(EMPTY, 'e');

    expect(edgesOf(manifestOf({ config: both, layers: [both] }))).toHaveLength(2);
  });
});

describe('digestsOf', () => {
  it('is itself and what it names, not its subject', () => {
    const facts = manifestOf({ subject: digest('f') });

    expect(digestsOf(facts)).toEqual([digest('a'), digest('c'), digest('b')]);
  });
});
