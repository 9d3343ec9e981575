import fc from 'fast-check';
import {
  MODES,
  type GuardrailConfig,
  type Mode,
} from '../../../../../src/domain/admission/guardrails/config';
import { DEFAULT_GUARDRAILS } from '../../../../../src/domain/admission/guardrails/defaults';
import { createGuardrailJudge } from '../../../../../src/domain/admission/guardrails/judge-guardrails';
import { modesOf } from '../../../../../src/domain/admission/guardrails/modes';
import { subjectWith } from '../../../../support/guardrail-subject';

/** `enforce`, but in those namespaces. */
function configWith(...overrides: readonly (readonly [string, Mode])[]): GuardrailConfig {
  return {
    ...DEFAULT_GUARDRAILS,
    overrides: overrides.map(([namespaces, mode]) => ({
      namespaces: [namespaces],
      modes: { seccomp: mode },
    })),
  };
}

describe('the mode of a rule in a namespace', () => {
  const CONFIG = configWith(
    ['*', 'audit'],
    ['team-*', 'warn'],
    ['team-a-*', 'off'],
    ['team-a-prod', 'enforce'],
    ['*-prod', 'enforce'],
    ['*-test', 'warn'],
    ['*-test', 'audit'],
  );

  it.each<[string, Mode]>([
    ['shop', 'audit'],
    ['team-b', 'warn'],
    ['team-a-dev', 'off'],
    ['team-a-prod', 'enforce'],
    ['team-b-prod', 'enforce'],
    ['shop-test', 'warn'],
    ['a.prod', 'audit'],
  ])('of %s is %s', (namespace, mode) => {
    expect(modesOf(CONFIG, 'seccomp')(namespace)).toBe(mode);
  });

  it('is the rule’s own where no override names the rule', () => {
    expect(modesOf(CONFIG, 'apparmor')('team-a-dev')).toBe('enforce');
  });

  it('does not hang on the order of the overrides', () => {
    const overrides = fc.array(
      fc.tuple(fc.constantFrom('*', 'a*', '*a', 'ab', 'a*b', 'b*'), fc.constantFrom(...MODES)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(overrides, fc.constantFrom('ab', 'ba', 'aab', 'c'), (given, namespace) => {
        expect(modesOf(configWith(...given.toReversed()), 'seccomp')(namespace)).toBe(
          modesOf(configWith(...given), 'seccomp')(namespace),
        );
      }),
    );
  });

  it.each([
    ['enforce', 'denied'],
    ['warn', 'warnings'],
    ['audit', 'audited'],
  ] as const)('%s puts a breach among the %s alone', (mode, list) => {
    const { template } = subjectWith();
    const securityContext = { ...template.spec.securityContext, seccompProfile: null };
    const bad = { ...template, spec: { ...template.spec, securityContext } };

    const verdict = createGuardrailJudge(configWith(['shop', mode]))(
      subjectWith({ template: bad }),
    );

    expect(verdict).toEqual({
      denied: [],
      warnings: [],
      audited: [],
      [list]: [
        {
          rule: 'seccomp',
          pointer: '/spec/containers/0/securityContext/seccompProfile',
          message: 'container web has no seccomp profile',
        },
      ],
    });
  });

  it('off does not judge', () => {
    const { template } = subjectWith();
    const securityContext = { ...template.spec.securityContext, seccompProfile: null };
    const bad = { ...template, spec: { ...template.spec, securityContext } };

    expect(
      createGuardrailJudge(configWith(['shop', 'off']))(subjectWith({ template: bad })),
    ).toEqual({
      denied: [],
      warnings: [],
      audited: [],
    });
  });
});
