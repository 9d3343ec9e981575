import { readGatewayConfig } from '../../../src/config/gateway';

const REQUIRED = {
  PLURA_DATABASE_URL: 'postgres://plura@127.0.0.1/plura',
  PLURA_KEYS_DIR: '/state/keys',
  PLURA_POLICY: '/etc/plura/policy.yaml',
  PLURA_BACKEND_URL: 'http://registry:5000',
};

it('asks the registry for blobs unless it is told where they are', () => {
  expect(readGatewayConfig(REQUIRED).backend).toEqual({
    url: 'http://registry:5000',
    login: null,
    storageDir: null,
  });
});

it('is told where they are', () => {
  const config = readGatewayConfig({ ...REQUIRED, PLURA_BACKEND_STORAGE_DIR: '/var/lib/registry' });

  expect(config.backend.storageDir).toBe('/var/lib/registry');
});

it.each(['', 'registry/data', './data', 's3://bucket'])(
  'does not take "%s" for a folder',
  (dir) => {
    expect(() => readGatewayConfig({ ...REQUIRED, PLURA_BACKEND_STORAGE_DIR: dir })).toThrow(
      'PLURA_BACKEND_STORAGE_DIR: must be an absolute path',
    );
  },
);
