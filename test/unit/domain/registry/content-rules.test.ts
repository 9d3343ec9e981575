import {
  judgeChart,
  judgeContent,
  judgeImages,
  MAX_INDEX_CHILDREN,
} from '../../../../src/domain/registry/content-rules';
import {
  OCI_INDEX,
  OCI_MANIFEST,
  type ManifestFacts,
} from '../../../../src/domain/registry/manifest-facts';
import type { Ruling } from '../../../../src/domain/registry/refusal';
import type { RepositoryClass } from '../../../../src/domain/registry/repository-class';
import {
  CHART_CONFIG,
  CHART_LAYER,
  CHART_PROVENANCE,
  digest,
  EMPTY,
  IMAGE_LAYER,
  IN_TOTO,
  indexOf,
  manifestOf,
  named,
} from './manifests';

const APP: RepositoryClass = { kind: 'app', svc: 'checkout', name: 'web' };
const CHART: RepositoryClass = { kind: 'chart', svc: 'checkout' };
const CHANNEL: RepositoryClass = { kind: 'channel', env: 'prod', svc: 'checkout' };
const OPEN: RepositoryClass = { kind: 'open', prefix: 'scratch' };
const BASE: RepositoryClass = { kind: 'base' };
const MIRROR: RepositoryClass = { kind: 'mirror' };

const SUBJECT = digest('f');
const REFERRERS_TAG = `sha256-${'f'.repeat(64)}`;
const image = manifestOf();
const index = indexOf([named(OCI_MANIFEST)]);
const attestation = manifestOf({ layers: [named(IN_TOTO)] });
const artifact = manifestOf({ config: named(EMPTY), artifactType: 'a/b' });
const attached = manifestOf({ config: named(EMPTY), artifactType: 'a/b', subject: SUBJECT });
const chart = manifestOf({ config: named(CHART_CONFIG, 'c'), layers: [named(CHART_LAYER, '2')] });

function ruleOf(ruling: Ruling): string {
  return ruling.allowed ? 'allowed' : ruling.refusal.rule;
}

function judged(repository: RepositoryClass, tag: string | null, facts: ManifestFacts): string {
  return ruleOf(judgeContent({ repository, tag, facts }));
}

describe('judgeContent', () => {
  it.each([
    ['an image under a version', APP, '1.0.0_abcdef1', image, 'allowed'],
    ['an image by digest', APP, null, image, 'allowed'],
    ['an index', APP, '1.0.0_abcdef1', index, 'allowed'],
    ['an index of indexes', APP, null, indexOf([named(OCI_INDEX)]), 'allowed'],
    ['an attestation by digest', APP, null, attestation, 'allowed'],
    ['an attestation under a version', APP, '1.0.0_abcdef1', attestation, 'app-content'],
    ['an artifact about an image', APP, null, attached, 'allowed'],
    ['an artifact about an image under a version', APP, '1.0.0_abcdef1', attached, 'app-content'],
    ['an artifact about nothing', APP, null, artifact, 'app-content'],
    ['a chart in an app', APP, null, chart, 'app-content'],
    ['an index of blobs', APP, null, indexOf([named(IMAGE_LAYER)]), 'index-children'],
    ['an image in a channel', CHANNEL, 'stable', image, 'allowed'],
    ['an artifact about nothing in a channel', CHANNEL, 'stable', artifact, 'app-content'],
    ['a chart', CHART, '1.0.0', chart, 'allowed'],
    ['an image as a chart', CHART, '1.0.0', image, 'chart-content'],
    ['an index as a chart', CHART, '1.0.0', index, 'chart-content'],
    ['an artifact about a chart', CHART, null, attached, 'allowed'],
    ['an image about a chart', CHART, null, manifestOf({ subject: SUBJECT }), 'chart-content'],
    ['an attestation about a chart', CHART, null, { ...attestation, subject: SUBJECT }, 'allowed'],
    ['an artifact about a chart under a version', CHART, '1.0.0', attached, 'chart-content'],
    ['an artifact about nothing in charts', CHART, null, artifact, 'chart-content'],
    ['anything in an open prefix', OPEN, 'x', artifact, 'allowed'],
    ['anything among bases', BASE, '13.1_20261124', artifact, 'allowed'],
    ['anything in a mirror', MIRROR, 'v2', artifact, 'allowed'],
  ] as const)('%s', (_name, repository, tag, facts, rule) => {
    expect(judged(repository, tag, facts)).toBe(rule);
  });

  it.each([APP, CHART, CHANNEL, BASE, MIRROR, OPEN])(
    'takes an index and nothing else under the tag of referrers ($kind)',
    (repository) => {
      expect(judged(repository, REFERRERS_TAG, indexOf([]))).toBe('allowed');
      expect(judged(repository, REFERRERS_TAG, image)).toBe('referrers-tag-index');
    },
  );

  it.each([APP, CHART, CHANNEL, BASE])(
    'takes no image under a companion tag, where it would dodge the rules ($kind)',
    (repository) => {
      const tag = `${REFERRERS_TAG}.sig`;

      expect(judged(repository, tag, attestation)).toBe('allowed');
      expect(judged(repository, tag, artifact)).toBe('allowed');
      expect(judged(repository, tag, image)).toBe('companion-content');
      expect(judged(repository, tag, index)).toBe('companion-content');
    },
  );

  it('leaves companion tags of an open prefix alone', () => {
    expect(judged(OPEN, `${REFERRERS_TAG}.sig`, image)).toBe('allowed');
  });

  it('bounds an index', () => {
    const children = Array.from({ length: MAX_INDEX_CHILDREN + 1 }, () => named(OCI_MANIFEST));

    expect(judged(APP, null, indexOf(children.slice(1)))).toBe('allowed');
    expect(judged(APP, null, indexOf(children))).toBe('index-size');
  });

  it('takes provenance beside a chart, but no second chart and nothing else', () => {
    const withLayers = (...types: readonly string[]): ManifestFacts =>
      manifestOf({ config: named(CHART_CONFIG), layers: types.map((type) => named(type)) });

    expect(judged(CHART, null, withLayers(CHART_LAYER, CHART_PROVENANCE))).toBe('allowed');
    expect(judged(CHART, null, withLayers(CHART_LAYER, CHART_LAYER))).toBe('chart-content');
    expect(judged(CHART, null, withLayers(CHART_PROVENANCE))).toBe('chart-content');
    expect(judged(CHART, null, withLayers(CHART_LAYER, IMAGE_LAYER))).toBe('chart-content');
  });
});

describe('judgeChart', () => {
  it.each([
    ['1.0.0', 'checkout', '1.0.0', 'allowed'],
    ['1.0.0_build.7', 'checkout', '1.0.0+build.7', 'allowed'],
    [null, 'checkout', '9.9.9', 'allowed'],
    ['1.0.0', 'payment', '1.0.0', 'chart-name'],
    [null, 'payment', '1.0.0', 'chart-name'],
    ['1.0.0', 'checkout', '1.0.1', 'chart-version'],
  ])('tag %s, chart %s %s: %s', (tag, name, version, rule) => {
    expect(ruleOf(judgeChart({ svc: 'checkout', tag, name, version }))).toBe(rule);
  });
});

describe('judgeImages', () => {
  const labelled = { digest: digest('1'), platform: 'linux/amd64', labels: { a: '1', b: '2' } };
  const bare = { digest: digest('2'), platform: 'linux/arm64', labels: { a: '1' } };

  it('wants every label on every platform, and names both', () => {
    const ruling = judgeImages({ tag: 'x' }, [labelled, bare], ['a', 'b']);

    expect(ruling).toMatchObject({
      allowed: false,
      refusal: {
        code: 'MANIFEST_INVALID',
        rule: 'required-labels',
        message: expect.stringMatching(/linux\/arm64: .*b is missing/) as string,
        detail: { labels: ['b'], platforms: ['linux/arm64'] },
      },
    });
    expect(judgeImages({ tag: 'x' }, [labelled], ['a', 'b'])).toEqual({ allowed: true });
  });

  it('keeps its message short however many platforms there are', () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ ...bare, platform: `linux/arm${at}` }));
    const ruling = judgeImages({ tag: 'x' }, many, ['a', 'b']);

    expect(!ruling.allowed && ruling.refusal.message).toMatch(/And 495 more\.$/);
    expect(!ruling.allowed && ruling.refusal.message.length).toBeLessThan(500);
  });

  it('lets no version name an index without images; by digest it may wait for them', () => {
    expect(ruleOf(judgeImages({ tag: '1.0.0_abcdef1' }, [], []))).toBe('app-content');
    expect(ruleOf(judgeImages({ tag: null }, [], []))).toBe('allowed');
  });
});
