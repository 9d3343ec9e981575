import {
  ageOf,
  DATABASE_KINDS,
  DATABASE_LAYOUTS,
  refuseDatabase,
  refuseManifest,
} from '../../../../src/domain/advisories/database-mirror';

const OCI = 'application/vnd.oci.image.manifest.v1+json';
const TYPE = 'application/vnd.aquasec.trivy.config.v1+json';
const NOW = Date.parse('2026-03-02T00:00:00Z');

function manifestOf(over: object = {}): Parameters<typeof refuseManifest>[0] {
  const layers = [{ mediaType: DATABASE_LAYOUTS.vulnerabilities.layerType, size: 1000 }];
  return { mediaType: OCI, artifactType: TYPE, configType: null, layers, ...over };
}

describe('a manifest of a database', () => {
  it('is taken with its type at either place', () => {
    expect(refuseManifest(manifestOf(), 'vulnerabilities')).toBeNull();
    expect(
      refuseManifest(manifestOf({ artifactType: null, configType: TYPE }), 'vulnerabilities'),
    ).toBeNull();
  });

  const [layer] = manifestOf().layers;
  it.each([
    ['an index', { mediaType: 'application/vnd.oci.image.index.v1+json' }],
    ['another type', { artifactType: 'application/vnd.cncf.helm.config.v1+json' }],
    ['no type', { artifactType: null }],
    ['no layer', { layers: [] }],
    ['two layers', { layers: [layer, layer] }],
    [
      'the layer of an image',
      { layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', size: 1 }] },
    ],
    [
      'the layer of the other kind',
      { layers: [{ mediaType: DATABASE_LAYOUTS.java.layerType, size: 1 }] },
    ],
    ['a layer beyond all measure', { layers: [{ ...layer, size: 2 ** 40 }] }],
  ])('is refused with %s', (_name, over) => {
    expect(refuseManifest(manifestOf(over), 'vulnerabilities')).toEqual(
      expect.stringMatching(/^It/),
    );
  });
});

describe('a database', () => {
  const good = { updatedAt: '2026-03-01T12:00:00Z', canaryFound: true };

  it.each([
    ['newer than ours', good, '2026-03-01T06:00:00Z', null],
    ['the first', good, null, null],
    ['of the same time', good, good.updatedAt, null],
    ['one without a canary to ask after', { ...good, canaryFound: null }, null, null],
    ['older than ours', good, '2026-03-01T18:00:00Z', 'older'],
    ['empty', { ...good, canaryFound: false }, null, 'canary'],
    ['from the future', { ...good, updatedAt: '2026-03-03T00:00:00Z' }, null, 'ahead'],
    ['dated by no date', { ...good, updatedAt: 'today' }, null, 'ahead'],
  ])('that is %s', (_name, candidate, current, why) => {
    const refused = refuseDatabase(
      candidate,
      current === null ? null : { updatedAt: current },
      NOW,
    );

    expect(refused).toEqual(why === null ? null : expect.stringContaining(why));
  });
});

it.each([
  ['2026-03-02T00:00:00Z', 'fresh'],
  ['2026-03-01T12:00:00Z', 'fresh'],
  ['2026-03-01T11:59:59Z', 'ageing'],
  ['2026-03-01T00:00:00Z', 'ageing'],
  ['2026-02-28T23:59:59Z', 'stale'],
  ['yesterday', 'stale'],
])('advisories of %s are %s', (updatedAt, age) => {
  expect(ageOf(updatedAt, 86_400_000, NOW)).toBe(age);
});

it('every kind has a place of its own', () => {
  const places = DATABASE_KINDS.map((kind) => DATABASE_LAYOUTS[kind]);

  expect(new Set(places.map(({ repository }) => repository)).size).toBe(places.length);
  expect(new Set(places.map(({ folder }) => folder)).size).toBe(places.length);
});
