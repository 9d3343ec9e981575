import { readImageName } from '../../../src/admission/images/read-image-name';

const D = `sha256:${'a'.repeat(64)}`;

it('takes hosts in any case', () => {
  expect(readImageName(`R.Test:5000/apps/a/b@${D}`)).toEqual({
    host: 'r.test:5000',
    repository: 'apps/a/b',
    tag: null,
    digest: D,
  });
});

it.each([
  '',
  '@',
  `@${D}`,
  'r.test/a@sha512:abc',
  'r.test/a/../b',
  'user:pw@r.test/a',
  'r.test/a\n',
])('finds no image in %j', (text) => {
  expect(readImageName(text)).toBeNull();
});
