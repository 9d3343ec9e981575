import { readWormConfig } from '../../../src/config/worm';
import { createWormStore } from '../../../src/main/worm-store';
import { codeOf } from '../../support/contracts/ledger-builders';

it('is none without a bucket, and then every copy is refused', async () => {
  expect(readWormConfig({})).toBeNull();
  expect(await codeOf(createWormStore(null).check())).toBe('WORM_REFUSED');
});

it('is none where Compose gives empty texts for what is not set', () => {
  expect(readWormConfig({ PLURA_WORM_BUCKET: '', PLURA_WORM_ENDPOINT: '' })).toBeNull();
  expect(readWormConfig({ PLURA_WORM_BUCKET: 'incidents', PLURA_WORM_ENDPOINT: '' })).toMatchObject(
    { bucket: 'incidents', endpoint: null, region: 'us-east-1' },
  );
});

it('names bucket, prefix, region and where it is', () => {
  expect(
    readWormConfig({
      PLURA_WORM_BUCKET: 'incidents',
      PLURA_WORM_PREFIX: 'plura/',
      PLURA_WORM_REGION: 'eu-west-1',
      PLURA_WORM_ENDPOINT: 'http://127.0.0.1:7070',
      PLURA_WORM_PATH_STYLE: 'true',
    }),
  ).toEqual({
    bucket: 'incidents',
    prefix: 'plura/',
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:7070',
    pathStyle: true,
  });
});

it.each([
  ['PLURA_WORM_BUCKET', 'No Bucket'],
  ['PLURA_WORM_PREFIX', 'no-slash'],
  ['PLURA_WORM_ENDPOINT', 'ftp://nowhere'],
])('refuses %s of %s', (name, value) => {
  expect(() => readWormConfig({ PLURA_WORM_BUCKET: 'incidents', [name]: value })).toThrow(name);
});
