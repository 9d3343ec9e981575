import { RULE_IDS } from '../../../../../src/domain/admission/guardrails/config';
import { createGuardrailJudge } from '../../../../../src/domain/admission/guardrails/judge-guardrails';
import { modesOf } from '../../../../../src/domain/admission/guardrails/modes';
import { breachesInCel } from '../../../../../src/domain/admission/guardrails/vap-rules';
import { CASES_CONFIG, GUARDRAIL_CASES, MODE_CASES } from '../../../../support/guardrail-cases';
import { runningObjectOf } from '../../../../support/guardrail-objects';
import { subjectWith, templateOf } from '../../../../support/guardrail-subject';

describe('the table of guardrail cases', () => {
  it.each(GUARDRAIL_CASES.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    const template = templateOf(runningObjectOf(one));

    const verdict = createGuardrailJudge(CASES_CONFIG)(subjectWith({ ...one, template }));

    expect([...new Set(verdict.warnings.map(({ rule }) => rule))]).toEqual(one.breached);
    expect(verdict.denied).toEqual([]);
  });

  it.each(MODE_CASES)('has in %s the mode %s', (namespace, mode) => {
    expect(RULE_IDS.map((rule) => modesOf(CASES_CONFIG, rule)(namespace))).toEqual(
      RULE_IDS.map(() => mode),
    );
  });

  it('has more than one case for each rule that the API server can judge', () => {
    const inCel = RULE_IDS.filter((rule) => breachesInCel(rule, CASES_CONFIG) !== null);
    const few = inCel.filter(
      (rule) => GUARDRAIL_CASES.filter(({ breached }) => breached.includes(rule)).length < 2,
    );

    expect(few).toEqual([]);
    expect(GUARDRAIL_CASES.length).toBeGreaterThan(60);
  });

  it('names no case twice', () => {
    const names = GUARDRAIL_CASES.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
  });
});
