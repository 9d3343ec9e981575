import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMetricsConfig } from '../../../src/config/metrics';
import { METRIC_PRESETS } from '../../../src/domain/metric-presets';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plura-metrics-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function custom(...lines: readonly string[]): NodeJS.ProcessEnv {
  const file = join(folder, 'metrics.yaml');
  writeFileSync(file, ['apiVersion: plura.reg/metrics/v1', ...lines].join('\n'));
  return { PLURA_ROLLOUT: 'kubernetes', PLURA_METRICS: 'custom', PLURA_METRICS_FILE: file };
}

const OWN = [
  "match: { service: '{{backend}}', namespace: '{{namespace}}' }",
  'requests: { metric: http_requests_total }',
  "errors: { match: { status: { regex: '5..' } } }",
  'durations: { metric: http_duration_ms_bucket, unit: milliseconds }',
];

it('is the router on the local target', () => {
  expect(readMetricsConfig({})).toBe(METRIC_PRESETS.router);
});

it.each(['istio', 'kgateway', 'envoy-gateway'] as const)('is the preset %s', (name) => {
  const environment = { PLURA_ROLLOUT: 'kubernetes', PLURA_METRICS: name };

  expect(readMetricsConfig(environment)).toBe(METRIC_PRESETS[name]);
});

it('is what a file says', () => {
  const match = [
    { label: 'service', is: '=', value: '{{backend}}' },
    { label: 'namespace', is: '=', value: '{{namespace}}' },
  ];

  expect(readMetricsConfig(custom(...OWN))).toEqual({
    name: 'custom',
    requests: { metric: 'http_requests_total', match },
    errors: {
      metric: 'http_requests_total',
      match: [...match, { label: 'status', is: '=~', value: '5..' }],
    },
    durations: { metric: 'http_duration_ms_bucket', match },
    durationUnit: 'milliseconds',
    alive: null,
  });
});

it('is a preset with what the file changes of it', () => {
  const { requests, errors, ...rest } = readMetricsConfig(
    custom('preset: istio', 'match: { source_workload: public-istio }'),
  );

  const added = { label: 'source_workload', is: '=', value: 'public-istio' };
  expect(requests).toEqual({
    ...METRIC_PRESETS.istio.requests,
    match: [...METRIC_PRESETS.istio.requests.match, added],
  });
  expect(errors.match).toContainEqual({ label: 'response_code', is: '=~', value: '5..' });
  expect(rest).toMatchObject({ durationUnit: 'milliseconds', alive: { metric: 'istio_build' } });
});

it.each([
  ['PLURA_METRICS: is needed with PLURA_ROLLOUT=kubernetes', { PLURA_ROLLOUT: 'kubernetes' }],
  ['PLURA_METRICS: is needed with PLURA_ROLLOUT=argo', { PLURA_ROLLOUT: 'argo' }],
  ['PLURA_METRICS:', { PLURA_METRICS: 'nginx' }],
  ['PLURA_METRICS: envoy-gateway', { PLURA_ROLLOUT: 'argo', PLURA_METRICS: 'envoy-gateway' }],
  ['PLURA_METRICS: router reads', { PLURA_ROLLOUT: 'kubernetes', PLURA_METRICS: 'router' }],
  ['PLURA_METRICS: router reads', { PLURA_ROLLOUT: 'argo', PLURA_METRICS: 'router' }],
  ['PLURA_METRICS_FILE: is needed', { PLURA_METRICS: 'custom' }],
  ['PLURA_METRICS_FILE: is read with', { PLURA_METRICS: 'istio', PLURA_METRICS_FILE: 'a.yaml' }],
])('refuses at start, and says "%s"', (message, environment) => {
  expect(() => readMetricsConfig(environment)).toThrow(message);
});

it.each([
  ['3: match.namespace: {{names', ['preset: istio', "match: { namespace: '{{names}}' }"]],
  ['2: preset: must be one of router, istio', ['preset: nginx']],
  ['requests.metric: "" is not the name of a metric', OWN.filter((line) => !/^req/.test(line))],
  [
    'requests.match: holds none of {{version}}',
    OWN.map((line) => line.replace('{{backend}}', 'x')),
  ],
  ['errors.match.status: is not a regular', OWN.map((line) => line.replace('5..', '5['))],
  ['durations.unit', OWN.map((line) => line.replace('milliseconds }', 'hours }'))],
  ['6: query: this key is not known', [...OWN, 'query: up']],
])('names the field: %s', (message, lines) => {
  expect(() => readMetricsConfig(custom(...lines))).toThrow(message);
});

it.each([
  ['the router', 'router', 'kubernetes', 'custom reads the router of the local target'],
  ['the order of backends', 'envoy-gateway', 'argo', 'custom needs the order of backends'],
])('refuses a file that brings back %s', (_name, preset, rollout, message) => {
  const environment = { ...custom(`preset: ${preset}`), PLURA_ROLLOUT: rollout };

  expect(() => readMetricsConfig(environment)).toThrow(message);
});

it('takes no version of another kind of file', () => {
  const environment = custom(...OWN);
  writeFileSync(environment['PLURA_METRICS_FILE'] ?? '', 'apiVersion: plura.reg/plan/v1\n');

  expect(() => readMetricsConfig(environment)).toThrow('apiVersion');
});

it('takes the definition that is shipped as an example', () => {
  const file = join(__dirname, '../../../deploy/kubernetes/metrics.yaml');

  const { requests, alive } = readMetricsConfig({
    PLURA_METRICS: 'custom',
    PLURA_METRICS_FILE: file,
  });

  expect(requests.match).toContainEqual({ label: 'pod', is: '=~', value: '{{backend}}-.*' });
  expect(alive).toEqual({
    metric: 'up',
    match: [{ label: 'job', is: '=', value: 'kubernetes-pods' }],
  });
});
