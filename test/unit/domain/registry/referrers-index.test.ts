import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/domain/registry/manifest-facts';
import {
  indexText,
  ofType,
  referrerEntry,
  referrersTag,
  subjectOfTag,
  uniteEntries,
  withoutEntries,
} from '../../../../src/domain/registry/referrers-index';
import { digest, IMAGE_CONFIG, indexOf, manifestOf } from './manifests';

const entry = (seed: string, artifactType?: string) => ({
  mediaType: OCI_MANIFEST,
  digest: digest(seed),
  size: 10,
  ...(artifactType !== undefined && { artifactType }),
});

describe('the tag of referrers', () => {
  it('is the digest with a dash, there and back', () => {
    expect(referrersTag(digest('a'))).toBe(`sha256-${'a'.repeat(64)}`);
    expect(subjectOfTag(referrersTag(digest('a')))).toBe(digest('a'));
  });

  it.each([
    '1.0.0',
    `sha256-${'a'.repeat(63)}`,
    `sha256-${'A'.repeat(64)}`,
    `sha256-${'a'.repeat(64)}.sig`,
  ])('is not %s', (tag) => {
    expect(subjectOfTag(tag)).toBeNull();
  });
});

describe('referrerEntry', () => {
  it('carries type and annotations of the manifest', () => {
    const facts = manifestOf({ artifactType: 'a/b', annotations: { made: 'today' } });

    expect(referrerEntry(facts)).toEqual({
      mediaType: OCI_MANIFEST,
      digest: digest('a'),
      size: 100,
      artifactType: 'a/b',
      annotations: { made: 'today' },
    });
  });

  it('falls back to the type of the config; an index has none', () => {
    expect(referrerEntry(manifestOf()).artifactType).toBe(IMAGE_CONFIG);
    expect(referrerEntry(indexOf([]))).toEqual({
      mediaType: OCI_INDEX,
      digest: digest('a'),
      size: 100,
    });
  });
});

describe('lists of entries', () => {
  it('unite without doubles, in order, and believe what was read from the manifest', () => {
    const found = [entry('1', 'a lie'), entry('2')];
    const united = uniteEntries(found, [entry('3'), entry('1', 'the truth')]);

    expect(united).toEqual([entry('1', 'the truth'), entry('2'), entry('3')]);
  });

  it('lose what is gone and nothing else', () => {
    const entries = [entry('1'), entry('2'), entry('3')];

    expect(withoutEntries(entries, new Set([digest('2')]))).toEqual([entry('1'), entry('3')]);
  });

  it('are filtered by their very type', () => {
    const entries = [entry('1', 'a/b'), entry('2', 'a/bc'), entry('3')];

    expect(ofType(entries, 'a/b')).toEqual([entry('1', 'a/b')]);
  });

  it('make an index of the image-spec, an empty one too', () => {
    expect(JSON.parse(indexText([]))).toEqual({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [],
    });
  });
});
