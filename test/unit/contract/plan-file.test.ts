import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadCatalog } from '../../../src/config/policy-file';
import { checkServicePlans, type PlanWarning } from '../../../src/config/service-plans';
import { hashPlan, PlanFile } from '../../../src/contract/schema/plan';
import { faultsOf, readYamlText, type YamlFault } from '../../../src/contract/schema/yaml-text';
import type { GivenPlan } from '../../../src/domain/plan-given';
import { lintPlan } from '../../../src/domain/plan-lint';
import type { Service } from '../../../src/domain/service';
import { testService } from '../../support/builders';
import { PLAN_POLICY, planWith } from '../../support/plans';

const FULL = `apiVersion: plura.reg/plan/v1
canary:
  steps:
    - percent: 5
      window: 10m
    - percent: 100
  checkpoint: 20s
  guardrails:
    maxErrorRatio: 0.02
    maxP95: 250ms
    minRequests: 100
observation:
  candidatePercent: 20
  window: 1h
  checkpoint: 1m
  guardrails:
    maxP95: 300ms
  onError:
    maxExtensions: 3
judge:
  sampleInterval: 10s
  minSamples: 12
  falseAlarmRate: 0.02
  errors:
    minDifference: 0.003
  metrics:
    - name: queue length
      query: max(queue{version="{{version}}",env="{{env}}"})
      worseWhen: different
      minEffect: 0.2
    - name: cpu
      query: sum(rate(cpu{v="{{version}}",e="{{env}}"}[{{window}}]))
  power:
    detect: 0.2
    maxLengthening: 4
  onInconclusive:
    maxExtensions: 1
    then: hold
  onError:
    then: hold
`;

function faultsIn(text: string): readonly YamlFault[] {
  const yaml = readYamlText(text);
  if ('message' in yaml) return [yaml];
  const parsed = PlanFile.safeParse(yaml.value);
  return parsed.success ? [] : faultsOf(parsed.error, yaml);
}

describe('plan files', () => {
  it('give every part, durations in milliseconds', () => {
    const yaml = readYamlText(FULL);

    expect(PlanFile.parse('value' in yaml && yaml.value)).toEqual({
      canary: {
        steps: [{ percent: 5, windowMs: 600_000 }, { percent: 100 }],
        checkpointMs: 20_000,
        guardrails: { maxErrorRatio: 0.02, maxP95Ms: 250, minRequests: 100 },
      },
      observation: {
        candidatePercent: 20,
        windowMs: 3_600_000,
        checkpointMs: 60_000,
        guardrails: { maxP95Ms: 300 },
        onError: { maxExtensions: 3 },
      },
      judge: {
        sampleIntervalMs: 10_000,
        minSamples: 12,
        falseAlarmRate: 0.02,
        errors: { minDifference: 0.003 },
        metrics: [
          {
            name: 'queue length',
            query: 'max(queue{version="{{version}}",env="{{env}}"})',
            worseWhen: 'different',
            minEffect: 0.2,
          },
          {
            name: 'cpu',
            query: 'sum(rate(cpu{v="{{version}}",e="{{env}}"}[{{window}}]))',
            worseWhen: 'higher',
            minEffect: 0.05,
          },
        ],
        power: { detect: 0.2, maxLengthening: 4 },
        onInconclusive: { maxExtensions: 1, then: 'hold' },
        onError: { then: 'hold' },
      },
    });
  });

  it.each([
    ['nothing but its version', ''],
    ['an empty part', 'judge: {}\n'],
    ['no test of errors', 'judge:\n  errors: null\n'],
    ['no metric', 'judge:\n  metrics: []\n'],
    ['no demand on power', 'judge:\n  power:\n    detect: null\n'],
  ])('may hold %s', (_name, text) => {
    expect(faultsIn(`apiVersion: plura.reg/plan/v1\n${text}`)).toEqual([]);
  });

  it.each([
    ['another version', 'plan/v1', 'plan/v9', 'apiVersion'],
    ['a policy', 'plura.reg/plan/v1', 'plura.reg/v1', 'apiVersion'],
    ['an unknown key', 'minSamples: 12', 'minSample: 12', 'judge.minSample'],
    ['a duration without unit', 'window: 10m', 'window: 10', 'canary.steps[0].window'],
    ['a window of nothing', 'window: 1h', 'window: 0s', 'observation.window'],
    ['steps that fall', 'percent: 5', 'percent: 100', 'canary.steps'],
    [
      'a share of nothing',
      'candidatePercent: 20',
      'candidatePercent: 0',
      'observation.candidatePercent',
    ],
    [
      'a ratio above 1',
      'maxErrorRatio: 0.02',
      'maxErrorRatio: 2',
      'canary.guardrails.maxErrorRatio',
    ],
    ['no request', 'minRequests: 100', 'minRequests: 0', 'canary.guardrails.minRequests'],
    ['false alarms without measure', 'Rate: 0.02', 'Rate: 0.9', 'judge.falseAlarmRate'],
    ['no false alarm at all', 'Rate: 0.02', 'Rate: 0', 'judge.falseAlarmRate'],
    ['an effect of nothing', 'minEffect: 0.2', 'minEffect: 0', 'judge.metrics[0].minEffect'],
    ['an unknown direction', 'different', 'worse', 'judge.metrics[0].worseWhen'],
    ['a metric named errors', 'name: cpu', 'name: errors', 'judge.metrics[1].name'],
    [
      'a metric named as what every object has',
      'name: cpu',
      'name: toString',
      'judge.metrics[1].name',
    ],
    ['a metric that is there twice', 'name: cpu', 'name: queue length', 'judge.metrics[1].name'],
    ['an unknown placeholder', '{{env}}"})', '{{region}}"})', 'judge.metrics[0].query'],
    ['a query without version', '"{{version}}",', '"a",', 'judge.metrics[0].query'],
    [
      'a fraction of an extension',
      'maxExtensions: 1',
      'maxExtensions: 1.5',
      'judge.onInconclusive.maxExtensions',
    ],
    ['an unknown end', 'then: hold', 'then: pass', 'judge.onInconclusive.then'],
  ])('are refused with %s, by field and line', (_name, from, to, field) => {
    expect(FULL).toContain(from);
    const text = FULL.replace(from, to);
    const line = text.split('\n').findLastIndex((one) => one.includes(to)) + 1;

    const faults = faultsIn(text);

    expect(faults[0]?.field).toBe(field);
    // The order of a list is a fault of the list.
    expect(faults[0]?.line).toBe(field === 'canary.steps' ? 3 : line);
  });

  it.each([
    ['broken YAML', 'canary: [1,\njudge: 2', 3],
    ['a key given twice', 'judge: {}\njudge: {}', 3],
    ['aliases without end', `a: &a [1]\nb: [${'*a,'.repeat(30)}]`, 1],
  ])('are refused as %s', (_name, text, line) => {
    expect(faultsIn(`apiVersion: plura.reg/plan/v1\n${text}\n`)).toMatchObject([{ line }]);
  });

  it.each([
    [
      'metrics',
      `judge:\n  metrics:\n${'    - { name: a, query: \'a{v="{{version}}"}\' }\n'.repeat(11)}`,
    ],
    ['steps', `canary:\n  steps:\n${'    - { percent: 100 }\n'.repeat(21)}`],
    ['a query', `judge:\n  metrics:\n    - { name: a, query: '${'x'.repeat(4097)}' }\n`],
  ])('are refused with %s beyond the bound', (_name, text) => {
    const messages = faultsIn(`apiVersion: plura.reg/plan/v1\n${text}`).map((one) => one.message);

    expect(messages.join('\n')).toMatch(/[Tt]oo big/);
  });
});

describe('the plan in docs/plan.md', () => {
  it('can be used as it is', () => {
    const page = readFileSync(path.resolve(__dirname, '../../../docs/plan.md'), 'utf8');
    const [, text = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const yaml = readYamlText(text);

    const given = PlanFile.parse('value' in yaml && yaml.value);

    const context = { policy: PLAN_POLICY, requestsPerSecond: 10, scrapeIntervalMs: 15_000 };
    expect(lintPlan(planWith(given), context)).toEqual([]);
  });
});

describe('the plan of a service', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plura-plan-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function catalogWith(plan: string): string {
    const file = path.join(folder, 'catalog.yaml');
    const service = '{ svc: shop, name: web, owner: team-shop, region: eu-west-1';
    writeFileSync(file, `apiVersion: plura.reg/v1\nservices:\n  - ${service}${plan} }\n`);
    return file;
  }

  it('stands in the catalogue, and need not', () => {
    const [planned] = loadCatalog(catalogWith(', plan: { judge: { minSamples: 20 } }'));
    const [plain] = loadCatalog(catalogWith(''));

    expect(planned?.plan).toEqual({ judge: { minSamples: 20 } });
    expect(Object.keys(plain ?? {})).not.toContain('plan');
  });

  it('is refused by its path in the catalogue', () => {
    const load = (): unknown => loadCatalog(catalogWith(', plan: { judge: { samples: 20 } }'));

    expect(load).toThrow(/catalog\.yaml:3: services\[0\]\.plan\.judge\.samples: /);
  });
});

describe('the plans of a catalogue', () => {
  const service = (svc: string, plan?: GivenPlan): Service => ({
    ...testService(svc),
    ...(plan && { plan }),
  });
  const check = (...services: readonly Service[]): readonly PlanWarning[] =>
    checkServicePlans('catalog.yaml', services, {
      policy: PLAN_POLICY,
      scrapeIntervalMs: 15_000,
    });

  it('are refused by file and path where they can not work, all at once', () => {
    const late = { canary: { checkpointMs: 600_000 } };
    const powerless = { judge: { metrics: [], power: { detect: 0.2 } } };

    const refused = (): unknown => check(service('a'), service('b', late), service('c', powerless));

    expect(refused).toThrow(
      'catalog.yaml: services[1].plan.canary.checkpoint: 10m is longer than the window of 5m\n' +
        'catalog.yaml: services[2].plan.judge.power.detect: no metric is compared',
    );
  });

  it('are warned of where they likely are not meant', () => {
    const looser = { canary: { guardrails: { maxP95Ms: 900 } } };

    expect(check(service('a'), service('b', looser))).toEqual([
      {
        file: 'catalog.yaml',
        field: 'services[1].plan.canary.guardrails.maxP95',
        message: "900ms is looser than the policy's 500ms",
        remedy: expect.any(String) as string,
      },
    ]);
  });

  it('are those of services that have one: the policy is not theirs to mend', () => {
    const { canary } = PLAN_POLICY;
    const odd = { ...PLAN_POLICY, canary: { ...canary, checkpointMs: 10 * canary.windowMs } };

    const context = { policy: odd, scrapeIntervalMs: 15_000 };

    expect(checkServicePlans('catalog.yaml', [service('a')], context)).toEqual([]);
  });

  it('are refused, and what the policy gives too, where metrics are scraped more rarely than samples are taken', () => {
    const context = { policy: PLAN_POLICY, scrapeIntervalMs: 30_000 };
    const services = [service('a'), service('b', { judge: { minSamples: 18 } })];

    const refused = (): unknown => checkServicePlans('catalog.yaml', services, context);

    expect(refused).toThrow(
      'catalog.yaml: services[1].plan.judge.sampleInterval: 15s is shorter than the 30s between scrapes',
    );
    expect(refused).toThrow(
      'catalog.yaml: PLURA_SCRAPE_INTERVAL_MS: 15s is shorter than the 30s between scrapes',
    );
  });
});

describe('the hash of a plan', () => {
  it('is the same for the same plan, and another for another', () => {
    const plan = planWith();
    const turned = Object.fromEntries(Object.entries(plan).reverse()) as unknown as typeof plan;

    expect(hashPlan(turned)).toBe(hashPlan(plan));
    expect(hashPlan(plan)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(hashPlan(planWith({ judge: { minSamples: 11 } }))).not.toBe(hashPlan(plan));
  });
});
