import { inBitnamiRange } from '../../../../src/domain/advisories/versions/bitnami';
import { inGenericRange } from '../../../../src/domain/advisories/versions/generic';
import { inMavenRange } from '../../../../src/domain/advisories/versions/maven-ranges';
import { inNpmRange } from '../../../../src/domain/advisories/versions/npm';
import {
  inPatchedPythonRange,
  inPythonRange,
} from '../../../../src/domain/advisories/versions/pep440-ranges';
import type { RangeCheck } from '../../../../src/domain/advisories/versions/ranges';
import { inGemRange } from '../../../../src/domain/advisories/versions/rubygems';

type Row = readonly [version: string, ranges: string, expected: boolean | null];

const TABLES: readonly (readonly [string, RangeCheck, readonly Row[]])[] = [
  [
    'Go, Cargo, Composer, NuGet',
    inGenericRange,
    [
      ['v0.3.6', '< 0.3.7', true],
      ['0.3.7', '< 0.3.7', false],
      ['1.0.0-alpha', '>= 1.0.0', false],
      ['2.0.0-rc1', '>= 1.0, < 2.0', true],
      ['1.0', '= 1.0.0', true],
      ['1.02.4', '> 1.2.3', true],
      ['3.2.0+incompatible', '< 4.0.0-preview1', true],
      ['1.22.0-rc.2', '>= 1.22.0-0, < 1.22.4', true],
      ['1.0.0.9', '> 1.0.0.0.1 < 1.0.0.1 || = 2.0.5.4.8', false],
      ['1.0.0.0.9', '> 1.0.0.0.1 < 1.0.0.1 || = 2.0.5.4.8', true],
      ['1.2.3', '~> 1.0.0', false],
      ['1.2.3', '~> 1.0', true],
      ['2', '~> 1', false],
      ['1.3.4', '~1.2', false],
      ['1.2.4', '~1.2.3', true],
      ['1.8.9', '^1.2.3', true],
      ['0.5.6', '^0.2', false],
      ['0.1.4', '^0.0', false],
      ['1.5', '!= 1.5', false],
      ['(devel)', '< 1', null],
      ['1.0', 'latest', null],
      ['1.0', '< 1 || ', null],
      ['1.0', `< ${'9'.repeat(30)}`, null],
    ],
  ],
  [
    'npm',
    inNpmRange,
    [
      ['6.9.0-rc.1', '>= 6.9.0', false],
      ['5.0.0-beta.1', '>= 5.0.0-alpha.1, < 5.0.0-beta.3', true],
      ['1.9.9', '< 2', true],
      ['2.0.0', '<= 2', true],
      ['2.1.1', '2.1', true],
      ['1.2.9', '~1.2', true],
      ['1.3.0', '~1.2', false],
      ['2.3.4', '~1', false],
      ['9.9.9', '~x', true],
      ['1.3.0', '^1.2.x', true],
      ['0.3.0', '^0.2.3', false],
      ['0.0.4', '^0.0.3', false],
      ['9.9.9', '^*', true],
      ['0.1.0', '^0', true],
      ['1.2.3', '*', true],
      ['1.2.3', ' || < 1', true],
      ['1.2.3-alpha.1', '> 1-alpha', false],
      ['1.2', '< 2', null],
      ['01.2.3', '< 2', null],
      ['1.2.3', '!= 1.2.3', null],
      ['1.2.3', '1|2', null],
    ],
  ],
  [
    'PyPI',
    inPythonRange,
    [
      ['4.0.dev1', '>= 4.0a1', false],
      ['4.0a1', '>= 4.0a1, < 4.0.6', true],
      ['1!2.0', '< 3', false],
      ['1!2.0', '>= 1!1', true],
      ['2.31.0rc1', '< 2.31.0', true],
      ['2.31.0rc1+local', '< 2.31.0', false],
      ['2.31.0+local', '== 2.31.0', true],
      ['2.31.0+local', '== 2.31.0+other', false],
      ['2.31.0+local', '< 2.31.0+local', null],
      ['5.4.post1', '> 5.4', false],
      ['5.4.post1', '>= 5.4', true],
      ['5.4.post2', '> 5.4.post1', true],
      ['1.0-1', '== 1.0.post1', true],
      ['2023.07.22', '< 2023.7.22', false],
      ['1.2.3', '== 1.2.*', true],
      ['1.3', '!= 1.2.*', true],
      ['2.3', '~= 2.2', true],
      ['3.0', '~= 2.2', false],
      ['2.2.post3', '~= 2.2.post2', true],
      ['2.2', '~= 2', null],
      ['1.0', '< 1.*', null],
      ['1.0', '== 1.dev1.*', null],
      ['1.0', '=== 1.0', true],
      ['1.0', '*', true],
      ['1.0', '< 2.0RC1', null],
      // Found as `>= 1.0a` and `1`, so nothing is in it.
      ['1.0a2', '>= 1.0alpha1', false],
      ['1.0.0.0.0', '== 1.0.*', true],
      ['1', '== 1.0.0.*', false],
      ['abc', '< 1', null],
    ],
  ],
  [
    'patched PyPI',
    inPatchedPythonRange,
    [
      ['4.2.8+sp1', '>= 4.2.8+sp1, < 4.2.8+sp999', true],
      ['4.2.8', '>= 4.2.8+sp1', false],
      ['4.2.8+sp1', '== 4.2.8', false],
    ],
  ],
  [
    'Maven',
    inMavenRange,
    [
      ['2.0-beta9', '>= 2.0-beta9, < 2.3.1', true],
      ['2.0-beta8', '>= 2.0-beta9, < 2.3.1', false],
      ['5.2.20', '< 5.2.20.RELEASE', false],
      ['5.3.18-SNAPSHOT', '< 5.3.18', true],
      ['1.0-rc1', '< 1.0-cr2', true],
      ['1.0.final', '= 1.0', true],
      ['1.0-sp', '> 1.0', true],
      ['1.0-a1', '= 1.0-alpha1', true],
      ['32.0.0-jre', '< 32.0.0-android', false],
      ['1.1', '= 1.1.0-0', true],
      ['1-1', '> 1', true],
      ['1.', '= 1', true],
      ['1x1', '> 1', true],
      ['2.9.9', '[2.9.0,2.9.10.7)', true],
      ['2.9.10.7', '[2.9.0,2.9.10.7) || [3.0,3.1]', false],
      ['3.1', '[2.9.0,2.9.10.7) || [3.0,3.1]', true],
      ['0.1', '(,1.0]', true],
      ['9', '(1.0,)', true],
      ['1.0', '[1.0.0]', true],
      ['1', '[1,2,3]', null],
      ['1', '{1}', null],
    ],
  ],
  [
    'RubyGems',
    inGemRange,
    [
      ['2.2.8', '~> 2.2.8, >= 2.2.8.1', false],
      ['2.2.8.1', '~> 2.2.8, >= 2.2.8.1', true],
      ['2.3', '~> 2.2.8', false],
      ['1.9', '~> 1', true],
      ['1.13.4.rc1', '< 1.13.4', true],
      ['1.0.0-x86', '= 1.0.0.pre.x86', true],
      ['1.0', '= 1', true],
      ['', '= 0', true],
      ['v1', '= 1', null],
    ],
  ],
  [
    'Bitnami',
    inBitnamiRange,
    [
      ['1.2.3-1', '> 1.2.3', true],
      ['1.2.3-2', '< 1.2.3-10', true],
      ['1.2.3', '< 1.2.3-1', true],
      ['1.3.0', '~1.2', false],
      ['1.3.0', '^1.2', true],
      ['1.1.9', '< 1.2', true],
      ['1.2.3', '!= 1.2.4', true],
    ],
  ],
];

describe.each(TABLES)('ranges of %s', (_name, inRange, table) => {
  it.each(table)('%s in %s: %s', (version, ranges, expected) => {
    expect(inRange(version, ranges)).toBe(expected);
  });
});

it.each([
  ['digits without an end', inGenericRange, `${'1'.repeat(900)}!`],
  ['letters without an end', inPythonRange, `1${'a'.repeat(900)}`],
  ['operators without an end', inMavenRange, '>'.repeat(900)],
  ['a text too long', inNpmRange, `< ${'1.'.repeat(1_000)}`],
])('%s take no time', (_case, inRange, ranges) => {
  const start = performance.now();

  expect(inRange('1.0.0', ranges)).toBeNull();

  expect(performance.now() - start).toBeLessThan(2_000);
});
