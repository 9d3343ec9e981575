import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readApiConfig } from '../../../src/config/api';
import { loadBases } from '../../../src/config/bases-file';
import { readCliConfig } from '../../../src/config/cli';
import { readWorkerConfig } from '../../../src/config/worker';
import { fakeDigest } from '../../support/api-fixtures';

const REQUIRED = {
  PLURA_DATABASE_URL: 'postgres://plura:s3cret@127.0.0.1:5432/plura',
  PLURA_TRUSTED_ROOT: 'state/trusted-root.json',
  PLURA_KEYS_DIR: 'state/keys',
  PLURA_POLICY: 'policy.yaml',
  PLURA_CATALOG: 'catalog.yaml',
  PLURA_SOURCE_ROOT: 'services',
  PLURA_BASES: 'state/bases.json',
  PLURA_ISSUER_URL: 'http://127.0.0.1:7410/',
};

describe('configuration of the API', () => {
  it('has defaults for all but what an installation must say', () => {
    const config = readApiConfig(REQUIRED);

    expect(config).toMatchObject({
      host: '127.0.0.1',
      issuer: 'http://127.0.0.1:7410',
      jwksUrl: 'http://127.0.0.1:7410/jwks',
      audience: 'plura-reg',
      temporal: { namespace: 'default' },
      kms: { kind: 'file', keysDir: path.resolve('state/keys') },
    });
  });

  it.each([
    ['PLURA_DATABASE_URL', 'mysql://plura:s3cret@127.0.0.1/plura'],
    ['PLURA_PORT', '70000'],
    ['PLURA_ISSUER_URL', 'issuer'],
    ['PLURA_LOG_LEVEL', 'loud'],
    ['PLURA_KEYS_DIR', undefined],
  ])('names %s when it is not valid, without its value', (name, value) => {
    const read = (): unknown => readApiConfig({ ...REQUIRED, [name]: value });

    expect(read).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
    expect(read).toThrow(name);
    expect(read).not.toThrow('s3cret');
  });
});

describe('configuration of the worker', () => {
  const worker = {
    ...REQUIRED,
    PLURA_BUILDKIT_ADDRESS: 'unix:///run/buildkit.sock',
    PLURA_TRIVY_CACHE_DIR: 'trivy',
    PLURA_PROMETHEUS_URL: 'http://127.0.0.1:9090',
    PLURA_TARGET_URL: 'http://127.0.0.1:7420',
  };
  const url = 'http://127.0.0.1:9999/hook';

  it('names the version of the scanner, and no webhook, unless told otherwise', () => {
    expect(readWorkerConfig(worker)).toMatchObject({
      trivy: { version: '0.74.0' },
      webhook: null,
    });
  });

  it('drills once a week and looks after the ways back each hour, unless told otherwise', () => {
    expect(readWorkerConfig(worker)).toMatchObject({
      preflightIntervalMs: 3_600_000,
      drill: { intervalMs: 604_800_000, rounds: 5 },
      policyFile: path.resolve('policy.yaml'),
      catalogFile: path.resolve('catalog.yaml'),
    });
  });

  it.each([
    ['PLURA_PREFLIGHT_INTERVAL_MS', '10'],
    ['PLURA_DRILL_INTERVAL_MS', '0'],
    ['PLURA_DRILL_ROUNDS', '51'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => readWorkerConfig({ ...worker, [name]: value })).toThrow(name);
  });

  it('checks what runs every 15 minutes, by the settings that the webhook ships with', () => {
    expect(readWorkerConfig(worker)).toMatchObject({
      check: { intervalMs: 900_000, confirmAfterMs: 30_000 },
      admissionFile: null,
    });
    expect(readWorkerConfig({ ...worker, PLURA_ADMISSION: '/etc/a.yaml' })).toMatchObject({
      admissionFile: '/etc/a.yaml',
    });
  });

  it('takes a robot with its secret for itself, the builder and the scanner', () => {
    const login = (prefix: string, username: string): Record<string, string> => ({
      [`${prefix}_USERNAME`]: username,
      [`${prefix}_PASSWORD_FILE`]: `/run/${username}`,
    });

    const config = readWorkerConfig({
      ...worker,
      ...login('PLURA_REGISTRY', 'system'),
      ...login('PLURA_BUILDER_REGISTRY', 'builder'),
    });

    expect(config).toMatchObject({
      registryLogin: { username: 'system', passwordFile: '/run/system' },
      builderLogin: { username: 'builder', passwordFile: '/run/builder' },
      scannerLogin: null,
    });
  });

  it.each([
    ['PLURA_REGISTRY_USERNAME', 'system', 'PLURA_REGISTRY_PASSWORD_FILE'],
    ['PLURA_BUILDER_REGISTRY_PASSWORD_FILE', '/run/x', 'PLURA_BUILDER_REGISTRY_USERNAME'],
    ['PLURA_REGISTRY_USERNAME', 'a:b', 'PLURA_REGISTRY_USERNAME'],
  ])('does not start with %s=%s alone', (name, value, named) => {
    expect(() => readWorkerConfig({ ...worker, [name]: value })).toThrow(named);
  });

  it('refuses a webhook without its secret: alerts would go elsewhere without a word', () => {
    const secret = { PLURA_WEBHOOK_SECRET_FILE: '/run/secret' };

    expect(() => readWorkerConfig({ ...worker, PLURA_WEBHOOK_URL: url })).toThrow(
      'PLURA_WEBHOOK_SECRET_FILE',
    );
    expect(readWorkerConfig({ ...worker, PLURA_WEBHOOK_URL: url, ...secret }).webhook).toEqual({
      url,
      secretFile: '/run/secret',
    });
  });
});

describe('configuration of the CLI', () => {
  it('keeps the session under the configuration folder of the user', () => {
    expect(readCliConfig({ XDG_CONFIG_HOME: '/home/rita/conf' })).toMatchObject({
      configFile: '/home/rita/conf/plura/config.json',
      server: undefined,
      noColor: false,
    });
  });

  it('takes PLURA_CONFIG and NO_COLOR', () => {
    expect(readCliConfig({ PLURA_CONFIG: '/tmp/rita.json', NO_COLOR: '1' })).toMatchObject({
      configFile: '/tmp/rita.json',
      noColor: true,
    });
  });
});

describe('the bases file', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'plura-bases-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('may be missing: no base has been imported yet', async () => {
    expect(await loadBases(path.join(folder, 'bases.json'))).toEqual({});
  });

  it('maps names to pins, and refuses anything else', async () => {
    const pins = { 'bases/static': { repository: 'bases/static', digest: fakeDigest('x') } };
    const good = path.join(folder, 'good.json');
    const bad = path.join(folder, 'bad.json');
    await writeFile(good, JSON.stringify(pins));
    await writeFile(bad, JSON.stringify({ 'bases/static': { repository: 'x', digest: 'latest' } }));

    expect(await loadBases(good)).toEqual(pins);
    await expect(loadBases(bad)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
