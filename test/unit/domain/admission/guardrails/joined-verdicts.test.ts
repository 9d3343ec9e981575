import {
  createGuardrailJudge,
  joinVerdicts,
} from '../../../../../src/domain/admission/guardrails/judge-guardrails';
import { GUARDRAILS } from '../../../../../src/domain/admission/guardrails/rules';
import { CASES_CONFIG, GUARDRAIL_CASES } from '../../../../support/guardrail-cases';
import { objectOf } from '../../../../support/guardrail-objects';
import { subjectWith, templateOf } from '../../../../support/guardrail-subject';

const NO_FACTS = { networkPolicies: null, imageConfigs: new Map() };
const OF_POD = GUARDRAILS.filter(({ readsFacts }) => readsFacts !== true);
const OF_FACTS = GUARDRAILS.filter(({ readsFacts }) => readsFacts === true);

it.each(GUARDRAIL_CASES.map((one) => [one.name, one] as const))(
  'judged in two parts, the first without any facts, it is the same: %s',
  (_name, one) => {
    const subject = subjectWith({ template: templateOf(objectOf(one)), facts: NO_FACTS });

    const ofPod = createGuardrailJudge(CASES_CONFIG, OF_POD)({ ...subject, facts: NO_FACTS });
    const beside = createGuardrailJudge(CASES_CONFIG, OF_FACTS)(subject);

    expect(joinVerdicts(ofPod, beside)).toEqual(createGuardrailJudge(CASES_CONFIG)(subject));
  },
);

it('no rule that judges the pod alone sees facts', () => {
  const unreadable = new Proxy(NO_FACTS, {
    get: () => {
      throw new Error('these are not its to read');
    },
  });
  const subject = subjectWith({ facts: unreadable });

  for (const rule of OF_POD) expect(() => rule.judge(subject, CASES_CONFIG)).not.toThrow();
  for (const rule of OF_FACTS) expect(() => rule.judge(subject, CASES_CONFIG)).toThrow('not its');
});
