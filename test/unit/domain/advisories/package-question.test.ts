import fc from 'fast-check';
import { readPackageQuestion } from '../../../../src/domain/advisories/package-question';

it.each<[string, string, string | null]>([
  ['pkg:deb/debian/openssl', 'pkg:deb/debian/openssl', null],
  [
    'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64',
    'pkg:deb/debian/libssl3',
    '3.0.11-1~deb12u2',
  ],
  ['pkg:deb/debian/x@1%2Bdfsg-1', 'pkg:deb/debian/x', '1+dfsg-1'],
  ['pkg:npm/qs@6.5.2', 'pkg:npm/qs', '6.5.2'],
  ['pkg:npm/@angular/core@17.0.0', 'pkg:npm/%40angular/core', '17.0.0'],
  ['pkg:npm/%40angular/core', 'pkg:npm/%40angular/core', null],
  [
    'PKG:Maven/org.Apache.logging/log4j-core@2.14.1',
    'pkg:maven/org.apache.logging/log4j-core',
    '2.14.1',
  ],
  ['pkg:golang/github.com/a/b@v1.2.3#sub/path', 'pkg:golang/github.com/a/b', 'v1.2.3'],
])('reads %s', (text, base, version) => {
  expect(readPackageQuestion(text)).toEqual({ base, version });
});

it.each([
  'openssl',
  'pkg:',
  'pkg:deb',
  'pkg:deb/',
  'pkg:deb//x',
  'pkg:npm/qs@',
  'pkg:npm/qs@%zz',
  'pkg:npm/q s',
  `pkg:npm/${'x'.repeat(1024)}`,
])('is no purl: %s', (text) => {
  expect(readPackageQuestion(text)).toBeNull();
});

it('takes any text without an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      readPackageQuestion(`pkg:npm/${text}`);
    }),
  );
});
