import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRolloutConfig } from '../../../src/config/rollout';

const CLUSTER = {
  PLURA_REGISTRY_URL: 'https://registry.example.com:5443',
  PLURA_KUBERNETES_URLS:
    'dev=http://{svc}.dev.test:8080,stg=https://{svc}.stg.test,prod=https://{svc}.example.com',
};
const KUBERNETES = {
  ...CLUSTER,
  PLURA_ROLLOUT: 'kubernetes',
  PLURA_KUBERNETES_GATEWAY: 'gateways/public',
};

it('is the local target unless told otherwise', () => {
  const config = readRolloutConfig({
    PLURA_STATE_DIR: '/state',
    PLURA_TARGET_URL: 'http://127.0.0.1:7420',
  });

  expect(config).toEqual({
    kind: 'runc',
    url: 'http://127.0.0.1:7420',
    tokenFile: '/state/target/token',
  });
});

it('reads a cluster', () => {
  const config = readRolloutConfig({
    ...KUBERNETES,
    PLURA_KUBERNETES_NAMESPACES: 'dev=a, stg=b, prod=c',
    PLURA_KUBERNETES_MEMORY: '1Gi',
  });

  expect(config).toMatchObject({
    kind: 'kubernetes',
    kubeConfigFile: null,
    namespaces: { dev: 'a', stg: 'b', prod: 'c' },
    urls: { dev: 'http://{svc}.dev.test:8080', prod: 'https://{svc}.example.com' },
    registryHost: 'registry.example.com:5443',
    gateway: { namespace: 'gateways', name: 'public' },
    replicas: 2,
    resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
    appArmorProfile: 'RuntimeDefault',
  });
});

it('gives pods no AppArmor profile where nodes have no AppArmor', () => {
  const config = readRolloutConfig({ ...KUBERNETES, PLURA_KUBERNETES_APPARMOR: 'none' });

  expect(config).toMatchObject({ appArmorProfile: null });
});

it('reads Argo Rollouts, which needs no gateway', () => {
  const config = readRolloutConfig({ ...CLUSTER, PLURA_ROLLOUT: 'argo' });

  expect(config).toMatchObject({ kind: 'argo', container: null, minScalePercent: 25 });
});

it.each([
  ['PLURA_TARGET_URL', { PLURA_ROLLOUT: 'runc' }],
  ['PLURA_ROLLOUT', { PLURA_ROLLOUT: 'nomad' }],
  ['PLURA_KUBERNETES_GATEWAY', { ...CLUSTER, PLURA_ROLLOUT: 'kubernetes' }],
  ['PLURA_KUBERNETES_GATEWAY', { ...KUBERNETES, PLURA_KUBERNETES_GATEWAY: 'public' }],
  ['PLURA_KUBERNETES_URLS', { PLURA_ROLLOUT: 'argo' }],
  ['PLURA_KUBERNETES_URLS', { ...KUBERNETES, PLURA_KUBERNETES_URLS: 'dev=https://{svc}.test' }],
  [
    'PLURA_KUBERNETES_URLS',
    {
      ...KUBERNETES,
      PLURA_KUBERNETES_URLS: 'dev=https://d.test,stg=https://s.test,prod=https://p.test',
    },
  ],
  ['PLURA_KUBERNETES_NAMESPACES', { ...KUBERNETES, PLURA_KUBERNETES_NAMESPACES: 'dev=a,stg=b' }],
  [
    'PLURA_KUBERNETES_NAMESPACES',
    { ...KUBERNETES, PLURA_KUBERNETES_NAMESPACES: 'dev=a,stg=a,prod=c' },
  ],
  [
    'PLURA_KUBERNETES_NAMESPACES',
    { ...KUBERNETES, PLURA_KUBERNETES_NAMESPACES: 'dev=a,stg=b,prod=C/D' },
  ],
  ['PLURA_KUBERNETES_REPLICAS', { ...KUBERNETES, PLURA_KUBERNETES_REPLICAS: '0' }],
  ['PLURA_KUBERNETES_MEMORY', { ...KUBERNETES, PLURA_KUBERNETES_MEMORY: 'much' }],
])('names %s when it is missing or wrong', (field, environment) => {
  expect(() => readRolloutConfig(environment)).toThrow(
    expect.objectContaining({
      code: 'INVALID_INPUT',
      details: expect.objectContaining({ field }) as object,
    }) as Error,
  );
});

describe('the header that tells a version', () => {
  const header = (more: NodeJS.ProcessEnv): unknown => {
    const config = readRolloutConfig({ ...KUBERNETES, ...more });
    return config.kind === 'kubernetes' ? config.versionHeader : undefined;
  };

  it.each([
    ['none', {}, null],
    ['none when told so', { PLURA_KUBERNETES_VERSION_HEADER: 'none' }, null],
    ['the one that is named', { PLURA_KUBERNETES_VERSION_HEADER: 'x-v' }, 'x-v'],
    ['there for Envoy Gateway', { PLURA_METRICS: 'envoy-gateway' }, 'x-plura-version'],
  ])('is %s', (_name, more, expected) => {
    expect(header(more)).toBe(expected);
  });

  it('is there, and can not be left out, where a file counts by the place in the route', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plura-header-'));
    const file = join(folder, 'metrics.yaml');
    writeFileSync(file, 'apiVersion: plura.reg/metrics/v1\npreset: envoy-gateway\n');
    const custom = { PLURA_METRICS: 'custom', PLURA_METRICS_FILE: file };

    expect(header(custom)).toBe('x-plura-version');
    expect(() => header({ ...custom, PLURA_KUBERNETES_VERSION_HEADER: 'none' })).toThrow(
      'PLURA_KUBERNETES_VERSION_HEADER: PLURA_METRICS=custom',
    );
    rmSync(folder, { recursive: true });
  });

  it('can not be left out where Envoy Gateway needs it', () => {
    const more = { PLURA_METRICS: 'envoy-gateway', PLURA_KUBERNETES_VERSION_HEADER: 'none' };

    expect(() => header(more)).toThrow('PLURA_KUBERNETES_VERSION_HEADER');
  });
});

it('knows the Services of a Rollout by its name', () => {
  const named = { PLURA_ARGO_STABLE_SERVICE: '{svc}', PLURA_ARGO_CANARY_SERVICE: '{svc}-next' };

  expect(readRolloutConfig({ ...CLUSTER, PLURA_ROLLOUT: 'argo', ...named })).toMatchObject({
    services: { stable: '{svc}', candidate: '{svc}-next' },
  });
  expect(() =>
    readRolloutConfig({
      ...CLUSTER,
      PLURA_ROLLOUT: 'argo',
      PLURA_ARGO_STABLE_SERVICE: 'shop-stable',
    }),
  ).toThrow('PLURA_ARGO_STABLE_SERVICE');
});
