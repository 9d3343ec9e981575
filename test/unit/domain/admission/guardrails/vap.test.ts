import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import {
  RULE_IDS,
  type GuardrailConfig,
  type Mode,
} from '../../../../../src/domain/admission/guardrails/config';
import {
  DEFAULT_GUARDRAILS,
  everyRule,
} from '../../../../../src/domain/admission/guardrails/defaults';
import { toAdmissionPolicies } from '../../../../../src/domain/admission/guardrails/vap';
import { breachesInCel } from '../../../../../src/domain/admission/guardrails/vap-rules';
import type { Raw } from '../../../../support/guardrail-builders';

interface PolicyShape {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
    readonly variables: readonly { readonly name: string; readonly expression: string }[];
    readonly validations: readonly Raw[];
    readonly validationActions: readonly string[];
    readonly policyName: string;
  };
}

function policiesOf(config: GuardrailConfig): readonly PolicyShape[] {
  return toAdmissionPolicies(config) as unknown as readonly PolicyShape[];
}

const IN_CEL = RULE_IDS.filter((rule) => breachesInCel(rule, DEFAULT_GUARDRAILS) !== null);

/** `enforce` alone, but for that rule in those namespaces. */
function seccompIn(...overrides: readonly (readonly [string, Mode])[]): GuardrailConfig {
  return {
    ...DEFAULT_GUARDRAILS,
    modes: { ...everyRule('off'), seccomp: 'enforce' },
    overrides: overrides.map(([namespaces, seccomp]) => ({
      namespaces: [namespaces],
      modes: { seccomp },
    })),
  };
}

describe('the admission policies of the guardrails', () => {
  it('are those of deploy/kubernetes/guardrails.yaml', () => {
    const file = join(__dirname, '../../../../../deploy/kubernetes/guardrails.yaml');
    const documents = parseAllDocuments(readFileSync(file, 'utf8'));

    expect(documents.map((one) => one.toJS() as unknown)).toEqual(
      toAdmissionPolicies(DEFAULT_GUARDRAILS),
    );
  });

  it('are a policy and its binding for each rule that CEL can say', () => {
    const policies = policiesOf(DEFAULT_GUARDRAILS);

    expect(policies.map(({ metadata }) => metadata.name)).toEqual(
      IN_CEL.map((rule) => `plura-reg-${rule}-${DEFAULT_GUARDRAILS.modes[rule]}`).flatMap(
        (name) => [name, name],
      ),
    );
    expect(IN_CEL).toEqual(
      RULE_IDS.filter((rule) => !['egress-policy', 'config-outside-image'].includes(rule)),
    );
  });

  it.each([
    ['enforce', 'Deny'],
    ['warn', 'Warn'],
    ['audit', 'Audit'],
  ] as const)('do for %s what %s does', (mode, action) => {
    const policies = policiesOf({ ...DEFAULT_GUARDRAILS, modes: everyRule(mode), overrides: [] });
    const bindings = policies.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');

    expect(bindings).toHaveLength(IN_CEL.length);
    for (const { metadata, spec } of bindings) {
      expect(spec).toEqual({ policyName: metadata.name, validationActions: [action] });
    }
  });

  it('are none where a rule is off', () => {
    expect(toAdmissionPolicies({ ...DEFAULT_GUARDRAILS, modes: everyRule('off') })).toEqual([]);
  });

  it('are one for each mode of a rule, which asks for the namespaces by rank', () => {
    const policies = policiesOf(
      seccompIn(['team-*', 'warn'], ['team-b', 'off'], ['team-a', 'off'], ['lab', 'audit']),
    ).filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    const mode =
      '(request.namespace in ["lab"] ? "audit" : request.namespace in ["team-b","team-a"] ? "off" : request.namespace.matches("^team-.*$") ? "warn" : "enforce")';

    expect(
      policies.map(({ metadata, spec }) => [
        metadata.name,
        spec.matchConditions.find(({ name }) => name === 'mode-of-namespace')?.expression,
      ]),
    ).toEqual([
      ['plura-reg-seccomp-enforce', `${mode} == "enforce"`],
      ['plura-reg-seccomp-warn', `${mode} == "warn"`],
      ['plura-reg-seccomp-audit', `${mode} == "audit"`],
    ]);
  });

  it('do not ask for the namespace where there is one mode', () => {
    const [policy] = policiesOf(seccompIn());

    expect(policy?.spec.matchConditions.map(({ name }) => name)).toEqual(['has-template']);
  });

  it('say what they use before they use it, and nothing that they do not use', () => {
    for (const { kind, spec } of policiesOf(DEFAULT_GUARDRAILS)) {
      if (kind !== 'ValidatingAdmissionPolicy') continue;
      const used = (text: string): readonly string[] =>
        [...text.matchAll(/variables\.(\w+)/g)].map(([, name = '']) => name);
      const names = spec.variables.map(({ name }) => name);

      spec.variables.forEach(({ expression }, index) => {
        expect(names.slice(0, index)).toEqual(expect.arrayContaining([...used(expression)]));
      });
      const uses = used(JSON.stringify([spec.validations, spec.variables]));
      expect(uses).toEqual(expect.arrayContaining(names));
    }
  });

  it('close every bracket that they open', () => {
    const texts = policiesOf(DEFAULT_GUARDRAILS).flatMap(({ kind, spec }) =>
      kind === 'ValidatingAdmissionPolicy'
        ? spec.variables.map(({ expression }) => expression)
        : [],
    );
    const count = (text: string, one: string): number => text.split(one).length;

    for (const text of texts) {
      const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
      expect(count(bare, '(')).toBe(count(bare, ')'));
      expect(count(bare, '[')).toBe(count(bare, ']'));
    }
  });

  it('write what is configured as text that cannot end the text', () => {
    const markers = [{ in: 'label', name: 'a"b\\', value: '" || true || "' }] as const;

    const cel = breachesInCel('mtls-mode', { ...DEFAULT_GUARDRAILS, mtls: { markers } });

    expect(cel).toBe(
      '(variables.labels[?"a\\"b\\\\"].orValue("") == "\\" || true || \\"") ? [] : ["the pod"]',
    );
  });
});
