import fc from 'fast-check';
import { formatPurl, parsePurl } from '../../../../src/domain/advisories/purl';

describe('package URLs', () => {
  it.each([
    ['pkg:npm/%40babel/traverse@7.23.0', 'pkg:npm/%40babel/traverse@7.23.0'],
    ['PKG://NPM/@babel/traverse@7.23.0', 'pkg:npm/%40babel/traverse@7.23.0'],
    ['pkg:golang/GitHub.com/Docker/docker@v20.10.27+incompatible', 'pkg:golang/github.com/docker/docker@v20.10.27%2Bincompatible'],
    ['pkg:pypi/Foo_Bar@1%212.0', 'pkg:pypi/foo-bar@1!2.0'],
    ['pkg:deb/Debian/libc6@2.36-9%2Bdeb12u2?epoch=1&arch=amd64', 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u2?arch=amd64&epoch=1'],
    ['pkg:maven/org.yaml/snakeyaml@1.33', 'pkg:maven/org.yaml/snakeyaml@1.33'],
    ['pkg:rpm/redhat/php@7.2?modularitylabel=php:7.2:80:cd', 'pkg:rpm/redhat/php@7.2?modularitylabel=php:7.2:80:cd'],
    ['pkg:cocoapods/GoogleUtilities@7.5.2#NSData+zlib', 'pkg:cocoapods/GoogleUtilities@7.5.2#NSData%2Bzlib'],
    ['pkg:gem/rack', 'pkg:gem/rack'],
  ])('%s is %s', (text, canonical) => {
    const parsed = parsePurl(text);

    expect(parsed && formatPurl(parsed)).toBe(canonical);
  });

  it.each([
    '',
    'npm/qs@1',
    'pkg:npm',
    'pkg:npm/',
    'pkg:gem/@1',
    'pkg:npm/a%zz@1',
    'pkg:npm/a@1?b;c=d',
    'pkg:npm/a@1?1b=c',
    'pkg:1npm/a@1',
    'pkg:swift/a@1',
    'pkg:npm/a@1#a/../b',
  ])('%p is none', (text) => {
    expect(parsePurl(text)).toBeNull();
  });

  it('say the same when read again', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });

    fc.assert(
      fc.property(text, text, text, (name, version, arch) => {
        const purl = { type: 'cargo', namespace: '', name, version, qualifiers: { arch }, subpath: '' };

        expect(parsePurl(formatPurl(purl))).toEqual(purl);
      }),
    );
  });
});
