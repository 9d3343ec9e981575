import fc from 'fast-check';
import {
  compareVersions,
  isVersionPattern,
  mirrorTag,
  newestTag,
  versionOf,
} from '../../../../src/domain/bases/versions';

describe('compareVersions', () => {
  it.each([
    ['3.22.2', '3.22.10', -1],
    ['3.22.2', '3.22.2', 0],
    ['3.22', '3.22.0', 0],
    ['4', '3.99.99', 1],
    ['v1.10', '1.9', 1],
    ['10.1-1764604111', '10.1-1764604112', -1],
    ['10.1-1764604111', '10.2', -1],
    ['9999999999999999998', '9999999999999999999', -1],
  ])('%s against %s', (a, b, expected) => {
    expect(compareVersions(a, b)).toBe(expected);
  });

  it.each([
    ['nonroot', '1.0'],
    ['3.22.0_rc1', '3.22.0'],
    ['3.22.0-rc1', '3.22.0'],
    ['', '1'],
    ['1..2', '1.2'],
    ['1.2.', '1.2'],
  ])('cannot tell %s from %s', (a, b) => {
    expect(compareVersions(a, b)).toBeNull();
  });

  it('orders all versions in one way', () => {
    const version = fc
      .array(fc.nat(99), { minLength: 1, maxLength: 4 })
      .map((one) => one.join('.'));

    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const [ab, bc, ac] = [compareVersions(a, b), compareVersions(b, c), compareVersions(a, c)];
        expect(compareVersions(b, a)).toBe(ab === null ? null : 0 - ab);
        if (ab === -1 && bc === -1) expect(ac).toBe(-1);
      }),
    );
  });
});

describe('newestTag', () => {
  const tags = [
    ...['3.21.5', '3.22', '3.22.0', '3.22.2', '3.22.10', '3.22.11_rc1', '3.22.12-rc1', '3.23.0'],
    ...['latest', 'edge', '20260127', '3.22.010', '22.1.0-slim', '22.2.0-slim', '22.3.0'],
  ];

  it.each([
    ['3.22.x', '3.22.10'],
    ['3.x.x', '3.23.0'],
    ['22.x.x-slim', '22.2.0-slim'],
    ['x', '20260127'],
    ['3.24.x', null],
    ['3.22', null],
  ])('of %s is %s', (pattern, expected) => {
    expect(newestTag(tags, pattern)).toBe(expected);
  });

  it.each(['3.22.x', 'x.x.x', 'v1.x', '22.x.x-slim'])('%s is a pattern', (text) => {
    expect(isVersionPattern(text)).toBe(true);
  });

  it.each(['', '3.22', '3.x.2', '.x', '3.22.*', '3..x', 'latest', '(3).x', '3.22.x-', '3.x-a.b'])(
    '"%s" is none',
    (text) => {
      expect(isVersionPattern(text)).toBe(false);
      expect(newestTag(['3.22.1'], text)).toBeNull();
    },
  );
});

describe('versionOf', () => {
  it.each([
    ['the OCI label', { 'org.opencontainers.image.version': '3.22.2', version: '1' }, '3.22.2'],
    ['version and release', { version: '10.1', release: '1764604111' }, '10.1-1764604111'],
    ['the version alone', { version: '10.1' }, '10.1'],
    ['the tag', {}, 'nonroot'],
    ['the tag where the label can be none', { version: 'a b' }, 'nonroot'],
  ])('is %s', (_what, labels, expected) => {
    expect(versionOf(labels, 'nonroot')).toBe(expected);
  });

  it('makes of any tag what the tag of a mirror may start with', () => {
    expect(versionOf({}, '_debug_nonroot')).toBe('debug-nonroot');
    expect(versionOf({}, '___')).toBe('unknown');
  });
});

it('tags with version and day', () => {
  expect(mirrorTag('3.22.2', '2026-03-01T23:59:59.999Z')).toBe('3.22.2_20260301');
});
