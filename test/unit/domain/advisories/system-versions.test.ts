import fc from 'fast-check';
import { compareApk } from '../../../../src/domain/advisories/versions/apk';
import { compareDeb } from '../../../../src/domain/advisories/versions/deb';
import { compareRpm, formatRpm } from '../../../../src/domain/advisories/versions/rpm';

type Compare = (a: string, b: string) => number | null;

/** In order, from the least. */
const ORDERED: readonly (readonly [string, Compare, readonly string[]])[] = [
  [
    'Debian',
    compareDeb,
    [
      '1.0~~',
      '1.0~rc1',
      '1.0',
      '1.0-1~bpo12+1',
      '1.0-1',
      '1.0-1+b1',
      '1.0-1+deb12u2',
      '1.0-1+deb12u10',
      '1.0-1.1',
      '1.0a-1',
      '1.0+dfsg-1',
      '1.0+really0.9-1',
      '1.10',
      '1:0.1',
      '8:6.9',
    ],
  ],
  [
    'RPM',
    compareRpm,
    [
      '1.0~rc1-1',
      '1.0-1.el9',
      '1.0-1.el9_2',
      '1.0-2.el9',
      '1.0-10.el9',
      '1.0a-1',
      '1.0.1-1',
      '1.1.1g-15.el8_3',
      '1.1.1k-5.el8',
      '1.1.1k-5.el8_5',
      '1.10-1',
      '1:0.1-1',
    ],
  ],
  [
    'Alpine',
    compareApk,
    [
      '1.1_alpha1',
      '1.1_beta',
      '1.1_pre2',
      '1.1_rc1',
      '1.1',
      '1.1-r1',
      '1.1-r10',
      '1.1_git20230717-r5',
      '1.1_p1',
      '1.1_p2-r3',
      '1.1a',
      '1.1.1',
      '1.2.5-r1',
      '1.10',
    ],
  ],
];

const pairs = (texts: readonly string[]): readonly (readonly [string, string])[] =>
  texts.flatMap((a, index) => texts.slice(index + 1).map((b) => [a, b] as const));

describe.each(ORDERED)('versions of %s', (_name, compare, texts) => {
  it.each(pairs(texts))('%s comes before %s', (a, b) => {
    expect(compare(a, b)).toBeLessThan(0);
    expect(compare(b, a)).toBeGreaterThan(0);
  });

  it('are as they are to themselves', () => {
    expect(texts.map((text) => compare(text, text))).toEqual(texts.map(() => 0));
  });

  it('compare either way round alike, whatever they are', () => {
    const text = fc.stringMatching(/^[0-9][0-9a-c.~^+_:-]{0,12}$/);

    fc.assert(
      fc.property(text, text, (a, b) => {
        const order = compare(a, b);

        expect(Math.sign(compare(b, a) ?? 0)).toBe(-Math.sign(order ?? 0) + 0);
      }),
    );
  });
});

it.each([
  ['', '1'],
  ['a1', '1'],
  ['x:1', '1'],
  ['-1:1', '1'],
  ['1 2', '1'],
  ['1-2_3!', '1'],
])('%s is no version of Debian', (a, b) => {
  expect(compareDeb(a, b)).toBeNull();
});

it.each(['1.0_foo', '1.0-', '1.0_p1_', '1.0bc'])('%s is no version of Alpine', (text) => {
  expect(compareApk(text, '1.0')).toBeNull();
});

it.each([
  ['0:7.76.1-26.el9_3.2', '7.76.1-26.el9_3.2'],
  ['1:1.1.1k-9.el8_7', '1:1.1.1k-9.el8_7'],
  ['x:1', '1'],
  ['', ''],
])('a fix in %s is shown as %s', (text, shown) => {
  expect(formatRpm(text)).toBe(shown);
});

it('a zero at the end of an Alpine version hides from the scanner that a pre-release follows', () => {
  expect(compareApk('1.0_alpha1', '1.0')).toBeGreaterThan(0);
});

it('numbers beyond 64 bits are the largest there is in Debian, and compared in full in RPM', () => {
  const large = '9'.repeat(30);

  expect(compareDeb(`1.${large}`, `1.${'9'.repeat(40)}`)).toBe(0);
  expect(compareRpm(`1.${large}`, `1.${'9'.repeat(40)}`)).toBeLessThan(0);
});
