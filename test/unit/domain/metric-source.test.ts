import fc from 'fast-check';
import { METRIC_PRESETS } from '../../../src/domain/metric-presets';
import {
  findDefinitionFaults,
  selectorOf,
  type LabelMatch,
  type MetricDefinition,
  type MetricNames,
} from '../../../src/domain/metric-source';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const NAMES: MetricNames = {
  service: 'shop',
  env: 'prod',
  version: DIGEST,
  track: 'candidate',
  namespace: 'shop-prod',
  route: 'shop',
  backend: 'shop-aaaaaaaaaaaa',
  position: '1',
};
const ROUTER: MetricDefinition = METRIC_PRESETS.router;

function matching(...match: readonly LabelMatch[]): MetricDefinition {
  const selector = { metric: 'requests_total', match };
  const durations = { metric: 'seconds_bucket', match };
  return { ...ROUTER, requests: selector, errors: selector, durations };
}

const is = (label: string, value: string): LabelMatch => ({ label, is: '=', value });
const like = (label: string, value: string): LabelMatch => ({ label, is: '=~', value });
const VERSION = is('pod', '{{namespace}}/{{backend}}');

it.each(
  Object.values(METRIC_PRESETS).map((preset): [string, MetricDefinition] => [preset.name, preset]),
)('has no fault to find with the preset %s', (_name, preset) => {
  expect(findDefinitionFaults(preset)).toEqual([]);
});

it.each([
  ['router', `plura_router_requests_total{svc="shop",env="prod",digest="${DIGEST}"}`],
  [
    'istio',
    'istio_requests_total{reporter="source",destination_service_name="shop-aaaaaaaaaaaa",destination_service_namespace="shop-prod"}',
  ],
  [
    'envoy-gateway',
    'envoy_cluster_upstream_rq_xx{envoy_cluster_name="httproute/shop-prod/shop/rule/0/backend/1"}',
  ],
  [
    'kgateway',
    'envoy_cluster_upstream_rq_xx{envoy_cluster_name="kube_shop-prod_shop-aaaaaaaaaaaa_80"}',
  ],
] as const)('counts the requests of %s by %s', (name, expected) => {
  expect(selectorOf(METRIC_PRESETS[name].requests, NAMES)).toBe(expected);
});

it.each<[string, MetricDefinition, string]>([
  ['no version', matching(is('svc', '{{service}}'), is('env', '{{env}}')), 'candidate and stable'],
  ['no service', matching(is('v', '{{version}}'), is('env', '{{env}}')), 'services'],
  ['no environment', matching(is('v', '{{backend}}')), 'environments'],
  [
    'a version that is only excluded',
    matching({ label: 'v', is: '!=', value: '{{backend}}' }, is('env', '{{env}}')),
    'candidate and stable',
  ],
  ['an unknown placeholder', matching(VERSION, is('r', '{{region}}')), '{{region}} is not known'],
  ['a placeholder left open', matching(VERSION, is('r', '{{env')), 'not closed'],
  ['a label that is none', matching(VERSION, is('a-b', 'x')), 'not the name of a label'],
  ['a label of Prometheus itself', matching(VERSION, is('__name__', 'up')), 'not the name'],
  ['a label that ends the selector', matching(VERSION, is('a"} or up{b', 'x')), 'not the name'],
  ['no pattern', matching(VERSION, like('code', '5[')), 'not a regular expression'],
  ['a look-ahead, which RE2 has not', matching(VERSION, like('code', '(?!2)..')), 'not a regular'],
  ['a control character', matching(VERSION, is('a', '\u0000')), 'control character'],
  [
    'a metric that is an expression',
    { ...ROUTER, requests: { ...ROUTER.requests, metric: 'up or vector(1)' } },
    'not the name of a metric',
  ],
  [
    'a sign of life that goes with the version',
    { ...ROUTER, alive: { metric: 'up', match: [is('pod', '{{backend}}')] } },
    'alive.match.pod: may hold {{env}} and {{namespace}} only',
  ],
])('finds fault with %s', (_name, definition, fault) => {
  const faults = findDefinitionFaults(definition);

  expect(faults.map(({ field, message }) => `${field.join('.')}: ${message}`).join('\n')).toContain(
    fault,
  );
});

it('takes what is put into a pattern literally', () => {
  const selector = { metric: 'm', match: [like('v', '{{version}}|{{namespace}}-.*')] };

  expect(selectorOf(selector, { version: 'a.b+', namespace: 'n' })).toBe(
    'm{v=~"a\\\\.b\\\\+|n-.*"}',
  );
});

/** The matchers of a selector, by the lexer of PromQL. */
const SELECTOR = /^m\{v=~?"(?:[^"\\\n]|\\.)*"\}$/;

it('never lets a name out of its quotes', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom<LabelMatch['is']>('=', '=~'), (text, how) => {
      const selector = { metric: 'm', match: [{ label: 'v', is: how, value: '{{service}}' }] };

      expect(selectorOf(selector, { service: text })).toMatch(SELECTOR);
    }),
  );
});
