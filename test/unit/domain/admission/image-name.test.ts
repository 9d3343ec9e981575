import { parseImageName } from '../../../../src/domain/admission/image-name';
import { fakeDigest } from '../../../support/api-fixtures';

const DIGEST = fakeDigest('image');
const PLAIN = { host: null, repository: 'apps/shop/web', tag: null, digest: null };

describe('parseImageName', () => {
  it.each([
    ['a repository', 'apps/shop/web', PLAIN],
    ['a digest', `apps/shop/web@${DIGEST}`, { ...PLAIN, digest: DIGEST }],
    ['a tag', 'apps/shop/web:1.0.0', { ...PLAIN, tag: '1.0.0' }],
    ['both', `apps/shop/web:1.0.0@${DIGEST}`, { ...PLAIN, tag: '1.0.0', digest: DIGEST }],
    ['a host with a dot', 'registry.example/apps/shop/web', { ...PLAIN, host: 'registry.example' }],
    [
      'a host with a port',
      'registry:5000/apps/shop/web:v1',
      { ...PLAIN, host: 'registry:5000', tag: 'v1' },
    ],
    [
      'a host in lower case, as DNS knows no other',
      'Registry.EXAMPLE/apps/shop/web',
      { ...PLAIN, host: 'registry.example' },
    ],
    ['localhost', 'localhost/apps/shop/web', { ...PLAIN, host: 'localhost' }],
    [
      'an address',
      `127.0.0.1:5000/apps/shop/web@${DIGEST}`,
      { ...PLAIN, host: '127.0.0.1:5000', digest: DIGEST },
    ],
    ['an IPv6 address', '[::1]:5000/apps/shop/web', { ...PLAIN, host: '[::1]:5000' }],
    ['one component', 'busybox', { ...PLAIN, repository: 'busybox' }],
  ])('reads %s', (_name, text, expected) => {
    expect(parseImageName(text)).toEqual(expected);
  });

  it.each([
    '',
    '@',
    DIGEST,
    `@${DIGEST}`,
    'apps/shop/web@sha256:abc',
    `apps/shop/web@${DIGEST}@${DIGEST}`,
    `apps/shop/web@${DIGEST.toUpperCase()}`,
    'apps/shop/web:',
    'apps/shop/web:a:b',
    'apps/Shop/web',
    'apps//web',
    'https://registry.example/apps/web',
    'registry.example/',
    'apps/shop/web ',
  ])('refuses %j', (text) => {
    expect(() => parseImageName(text)).toThrow(RangeError);
  });
});
