import fc from 'fast-check';
import { everyRule } from '../../../../../src/domain/admission/guardrails/defaults';
import type {
  GuardrailFacts,
  GuardrailSubject,
} from '../../../../../src/domain/admission/guardrails/guardrail';
import type { RuleId } from '../../../../../src/domain/admission/guardrails/config';
import { createGuardrailJudge } from '../../../../../src/domain/admission/guardrails/judge-guardrails';
import type { Container, PodSpec } from '../../../../../src/domain/admission/pod-spec';
import type { PodTemplate } from '../../../../../src/domain/admission/workload';
import { CASES_CONFIG } from '../../../../support/guardrail-cases';
import { GOOD_FACTS, subjectWith } from '../../../../support/guardrail-subject';

const ENFORCED = { ...CASES_CONFIG, modes: everyRule('enforce') };
const [GOOD] = subjectWith().template.spec.containers;

/** A pod of any number of containers, each of them good, some saying for themselves what the pod says too. */
const goodTemplates: fc.Arbitrary<PodTemplate> = fc
  .record({
    own: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
    init: fc.array(fc.boolean(), { maxLength: 3 }),
    ephemeral: fc.array(fc.boolean(), { maxLength: 2 }),
    path: fc.constantFrom('/spec', '/spec/template/spec', '/spec/jobTemplate/spec/template/spec'),
  })
  .map(({ own, init, ephemeral, path }) => {
    const { template } = subjectWith();
    const all = (prefix: string, said: readonly boolean[]): readonly Container[] =>
      said.map((says, index) => container(`${prefix}${index}`, says, template.spec));
    const spec = {
      ...template.spec,
      containers: all('own', own),
      initContainers: all('init', init),
      ephemeralContainers: all('debug', ephemeral),
    };
    return { ...template, path, spec };
  });

function container(name: string, says: boolean, { securityContext }: PodSpec): Container {
  const { runAsNonRoot, seccompProfile, appArmorProfile } = securityContext;
  const said = { runAsNonRoot, seccompProfile, appArmorProfile };
  return {
    ...GOOD!,
    name,
    securityContext: { ...GOOD!.securityContext, ...(says && said) },
  };
}

type Context = Container['securityContext'];

const inContext =
  (over: Partial<Context>) =>
  (one: Container): Container => ({ ...one, securityContext: { ...one.securityContext, ...over } });

const capabilities = (drop: readonly string[], add: readonly string[]): Partial<Context> => ({
  capabilities: { drop, add },
});

/** What breaks one container, whichever it is. */
const CONTAINER_FAULTS: readonly (readonly [RuleId, (one: Container) => Container])[] = [
  ['read-only-root', inContext({ readOnlyRootFilesystem: null })],
  ['read-only-root', inContext({ readOnlyRootFilesystem: false })],
  ['run-as-non-root', inContext({ runAsNonRoot: false })],
  ['run-as-non-root', inContext({ runAsUser: 0 })],
  ['seccomp', inContext({ seccompProfile: 'Unconfined' })],
  ['apparmor', inContext({ appArmorProfile: 'Unconfined' })],
  ['no-privilege-escalation', inContext({ allowPrivilegeEscalation: null })],
  ['privileged', inContext({ privileged: true })],
  ['privileged', inContext({ hostProcess: true })],
  ['capabilities', inContext(capabilities([], []))],
  ['capabilities', inContext(capabilities(['ALL'], ['SYS_ADMIN']))],
  ['host-namespaces', (one) => ({ ...one, ports: [{ hostPort: 80 }] })],
  ['config-outside-image', (one) => ({ ...one, image: 'registry.example.com/unknown' })],
];

const withSpec = (template: PodTemplate, over: Partial<PodSpec>): PodTemplate => ({
  ...template,
  spec: { ...template.spec, ...over },
});
const without = ({ annotations, ...template }: PodTemplate, name: string): PodTemplate => ({
  ...template,
  annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== name)),
});

/** What breaks a pod. */
const POD_FAULTS: readonly (readonly [RuleId, (template: PodTemplate) => PodTemplate])[] = [
  ['host-namespaces', (template) => withSpec(template, { hostNetwork: true })],
  ['host-namespaces', (template) => withSpec(template, { hostPID: true })],
  ['host-namespaces', (template) => withSpec(template, { hostIPC: true })],
  ['spiffe-identity', (template) => without(template, 'plura.reg/spiffe-id')],
  ['mtls-mode', (template) => without(template, 'plura.reg/mtls')],
];

const FACT_FAULTS: readonly (readonly [RuleId, Partial<GuardrailFacts>])[] = [
  ['egress-policy', { networkPolicies: null }],
  ['egress-policy', { networkPolicies: [] }],
  ['config-outside-image', { imageConfigs: new Map() }],
];

function rulesBreached(subject: Partial<GuardrailSubject>): readonly RuleId[] {
  return [
    ...new Set(createGuardrailJudge(ENFORCED)(subjectWith(subject)).denied.map((one) => one.rule)),
  ];
}

describe('a pod that satisfies every rule', () => {
  it('is let in', () => {
    fc.assert(
      fc.property(goodTemplates, (template) => {
        expect(createGuardrailJudge(ENFORCED)(subjectWith({ template }))).toEqual({
          denied: [],
          warnings: [],
          audited: [],
        });
      }),
    );
  });

  it('breaches one rule when one of its containers has one fault, and the breach says where', () => {
    fc.assert(
      fc.property(
        goodTemplates,
        fc.constantFrom(...CONTAINER_FAULTS),
        fc.nat(),
        (template, [rule, break_], at) => {
          const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const;
          const places = lists.flatMap((list) =>
            template.spec[list].map((_one, index) => [list, index] as const),
          );
          const [list, index] = places[at % places.length]!;
          const broken = template.spec[list].map((one, i) => (i === index ? break_(one) : one));

          const { denied } = createGuardrailJudge(ENFORCED)(
            subjectWith({ template: withSpec(template, { [list]: broken }) }),
          );

          expect(denied.map((one) => one.rule)).toEqual([rule]);
          expect(denied[0]?.pointer).toMatch(`${template.path}/${list}/${index}/`);
        },
      ),
    );
  });

  it.each(['requests', 'limits'] as const)('breaches one rule without %s', (side) => {
    fc.assert(
      fc.property(goodTemplates, fc.constantFrom('cpu', 'memory'), (template, name) => {
        const [first, ...others] = template.spec.containers;
        const resources = {
          ...first!.resources,
          [side]: { ...first!.resources[side], [name]: '0' },
        };
        const containers = [{ ...first!, resources }, ...others];

        expect(rulesBreached({ template: withSpec(template, { containers }) })).toEqual([
          'requests-and-limits',
        ]);
      }),
    );
  });

  it('breaches one rule when the pod has one fault', () => {
    fc.assert(
      fc.property(goodTemplates, fc.constantFrom(...POD_FAULTS), (template, [rule, break_]) => {
        expect(rulesBreached({ template: break_(template) })).toEqual([rule]);
      }),
    );
  });

  it.each(FACT_FAULTS)('breaches %s for what stands beside it', (rule, facts) => {
    expect(rulesBreached({ facts: { ...GOOD_FACTS, ...facts } })).toEqual([rule]);
  });
});
