import { cacheDirOf, toolDir } from '../../../../src/local/toolchain/cache';
import { ALL_TOOLS, STACK_TOOLS } from '../../../../src/local/toolchain/catalogue';
import { toolOfBinary } from '../../../../src/local/toolchain/ensure-tools';
import { buildEnvironment } from '../../../../src/local/toolchain/go-build';

test('what the API needs to answer is built before the slow tools', () => {
  const early = ['temporal', 'registry', 'bolt-fixtures', 'rekor'] as const;
  const late = Math.min(STACK_TOOLS.indexOf('trivy'), STACK_TOOLS.indexOf('prometheus'));

  expect(early.every((tool) => STACK_TOOLS.indexOf(tool) < late)).toBe(true);
});

test('tools that only tests need are kept out of the demo', () => {
  const extra = ALL_TOOLS.filter((tool) => !STACK_TOOLS.includes(tool));

  expect(extra).toEqual([
    'cosign',
    'crane',
    'conformance',
    'oras',
    'helm',
    'etcd',
    'versitygw',
    'kubernetes',
    'promtool',
    'temporal-test-server',
  ]);
});

test.each([
  ['buildctl', 'buildkit'],
  ['rekor-server', 'rekor'],
  ['runc', 'runc'],
  ['trivy', 'trivy'],
] as const)('the binary %s comes with the tool %s', (binary, tool) => {
  expect(toolOfBinary(binary)).toBe(tool);
});

test.each([
  [{ PLURA_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' }, '/a/plura-reg'],
  [{ XDG_CACHE_HOME: '/b', HOME: '/c' }, '/b/plura-reg'],
  [{ HOME: '/c' }, '/c/.cache/plura-reg'],
])('the cache of %j is %s', (environment, folder) => {
  expect(cacheDirOf(environment)).toBe(folder);
});

test('versions of a tool lie side by side', () => {
  expect(toolDir('/cache', 'rekor', 'v2.3.0')).toBe('/cache/tools/rekor/v2.3.0');
});

test('a build sees where Go finds modules, and no secret of the caller', () => {
  const env = buildEnvironment(
    { PATH: '/bin', GOPROXY: 'direct', GITHUB_TOKEN: 'secret', GOFLAGS: '-race' },
    { GOEXPERIMENT: 'jsonv2' },
  );

  expect(env).toMatchObject({
    PATH: '/bin',
    GOPROXY: 'direct',
    GOFLAGS: '-mod=mod',
    GOTOOLCHAIN: 'local',
    GOEXPERIMENT: 'jsonv2',
  });
  expect(env).not.toHaveProperty('GITHUB_TOKEN');
});
