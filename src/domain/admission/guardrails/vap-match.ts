import { globPattern, isGlob } from '../glob';
import type { GuardrailConfig, Mode, RuleId } from './config';
import { rankedModes, type RankedMode } from './modes';
import { celValue } from './vap-rules';

/**
 * `dyn`: the API server checks an expression against each type that the policy matches, and a Deployment has no `spec.containers`. What
 * `dyn` takes away of that check, the table of cases gives back.
 */
function templateIn(object: string): string {
  const places = [
    ['Pod', ''],
    ['CronJob', '.spec.jobTemplate.spec.template'],
    ['PodTemplate', '.template'],
  ];
  const chain = places.map(
    ([kind = '', path = '']) => `request.kind.kind == "${kind}" ? dyn(${object})${path} : `,
  );
  return `${chain.join('')}dyn(${object}).spec.?template.orValue({})`;
}

interface Named {
  readonly name: string;
  readonly expression: string;
}

const CONTAINERS = [
  'variables.spec.containers',
  'variables.spec.?initContainers.orValue([])',
  'variables.spec.?ephemeralContainers.orValue([])',
];

/** An update that leaves its pods as they are: a finalizer that goes, replicas that change. By all that a template says. */
const UNCHANGED = ['?spec', '?metadata.?labels', '?metadata.?annotations'].map(
  (field) => `variables.template.${field} == variables.oldTemplate.${field}`,
);

/** What rules refer to, each after what it refers to itself. */
const VARIABLES: readonly Named[] = [
  { name: 'template', expression: templateIn('object') },
  { name: 'oldTemplate', expression: templateIn('oldObject') },
  { name: 'unchanged', expression: ['request.operation == "UPDATE"', ...UNCHANGED].join(' && ') },
  { name: 'spec', expression: 'variables.template.spec' },
  { name: 'labels', expression: 'variables.template.?metadata.?labels.orValue({})' },
  { name: 'annotations', expression: 'variables.template.?metadata.?annotations.orValue({})' },
  { name: 'containers', expression: CONTAINERS.join(' + ') },
  { name: 'boundedContainers', expression: CONTAINERS.slice(0, 2).join(' + ') },
  {
    name: 'linuxContainers',
    expression: 'variables.spec.?os.?name.orValue("") == "windows" ? [] : variables.containers',
  },
];

/** Those that these expressions need, `breaches` last. */
export function variablesFor(validation: string, breaches: string): readonly Named[] {
  return VARIABLES.reduceRight<readonly Named[]>(
    (needed, variable) =>
      [validation, ...needed.map(({ expression }) => expression)].some((text) =>
        text.includes(`variables.${variable.name}`),
      )
        ? [variable, ...needed]
        : needed,
    [{ name: 'breaches', expression: breaches }],
  );
}

const workloads = (...resources: readonly string[]): object => ({
  operations: ['CREATE', 'UPDATE'],
  apiVersions: ['*'],
  resources,
});

/** Everything that templatePlaceOf knows. */
export const RESOURCE_RULES: readonly object[] = [
  {
    apiGroups: [''],
    ...workloads(
      'pods',
      'pods/ephemeralcontainers',
      'pods/resize',
      'podtemplates',
      'replicationcontrollers',
    ),
  },
  {
    apiGroups: ['apps'],
    ...workloads('daemonsets', 'deployments', 'replicasets', 'statefulsets'),
  },
  { apiGroups: ['batch'], ...workloads('cronjobs', 'jobs') },
  { apiGroups: ['argoproj.io'], ...workloads('rollouts') },
];

/** A Rollout that borrows the template of a Deployment has none of its own. */
const HAS_TEMPLATE = 'request.kind.kind != "Rollout" || has(dyn(object).spec.template)';

export function matchConditionsFor(
  config: GuardrailConfig,
  rule: RuleId,
  mode: Mode,
): readonly Named[] {
  const ranked = rankedModes(config, rule);
  const inMode = `(${modeInCel(ranked, config.modes[rule])}) == "${mode}"`;
  return [
    ...(ranked.length === 0 ? [] : [{ name: 'mode-of-namespace', expression: inMode }]),
    { name: 'has-template', expression: HAS_TEMPLATE },
  ];
}

/** As modesOf: the first that fits. */
function modeInCel(ranked: readonly RankedMode[], otherwise: Mode): string {
  const chain = grouped(ranked).map(({ namespaces, mode }) => {
    const [first = ''] = namespaces;
    const fits = isGlob(first)
      ? `request.namespace.matches(${celValue(globPattern(first))})`
      : `request.namespace in ${celValue(namespaces)}`;
    return `${fits} ? "${mode}" : `;
  });
  return `${chain.join('')}"${otherwise}"`;
}

interface Group {
  readonly namespaces: readonly string[];
  readonly mode: Mode;
}

/** Whole names that stand together and have one mode are one test. */
function grouped(ranked: readonly RankedMode[]): readonly Group[] {
  return ranked.reduce<readonly Group[]>((groups, { namespaces, mode }) => {
    const last = groups.at(-1);
    const joins = last?.mode === mode && !isGlob(namespaces) && !last.namespaces.some(isGlob);
    return joins
      ? [...groups.slice(0, -1), { namespaces: [...last.namespaces, namespaces], mode }]
      : [...groups, { namespaces: [namespaces], mode }];
  }, []);
}
