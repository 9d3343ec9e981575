import { setImmediate as afterThisTurn } from 'node:timers/promises';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { podTemplateOf } from '../../contract/schema/admission-pod';
import type { AdmissionFault } from '../../domain/admission/fault';
import type { GuardrailConfig, RuleId } from '../../domain/admission/guardrails/config';
import {
  createGuardrailJudge,
  joinVerdicts,
} from '../../domain/admission/guardrails/judge-guardrails';
import { GUARDRAILS } from '../../domain/admission/guardrails/rules';
import { imagesOf } from '../../domain/admission/image-positions';
import type { Workloads } from '../dependencies';
import type { FactReader } from './facts';

interface WorkloadParts {
  readonly guardrails: GuardrailConfig;
  readonly facts: FactReader;
}

const NO_FACTS = { networkPolicies: null, imageConfigs: new Map<string, never>() };

/** Objects by the readers and rules of the domain. */
export function createWorkloads({ guardrails, facts }: WorkloadParts): Workloads {
  const byPod = GUARDRAILS.filter(({ readsFacts }) => readsFacts !== true);
  const judgePod = createGuardrailJudge(guardrails, byPod);
  const byFacts = GUARDRAILS.filter(({ readsFacts }) => readsFacts === true);
  const judgeBeside = createGuardrailJudge(guardrails, byFacts);
  return {
    podTemplateOf: (object) => {
      try {
        return podTemplateOf(object);
      } catch (cause) {
        throw new ReleaseError('INVALID_INPUT', failureReason(cause), { cause });
      }
    },
    imagesOf,
    judgeGuardrails: async ({ namespace, template }) => {
      const reading = facts.read(namespace, template);
      // Once others have been asked for what they know, and while they look for it.
      await afterThisTurn();
      const ofPod = judgePod({ namespace, template, facts: NO_FACTS });
      const known = await reading;
      const verdict = joinVerdicts(ofPod, judgeBeside({ namespace, template, facts: known }));
      // A rule that lacks its facts breaches; that is no judgement of the pod.
      const isUnread = (rule: RuleId): boolean => known.unread.has(rule);
      const unread = [...known.unread].filter(([rule]) =>
        verdict.denied.some((breach) => breach.rule === rule),
      );
      return {
        ...verdict,
        denied: verdict.denied.filter(({ rule }) => !isUnread(rule)),
        unread: unread.map(([, fault]): AdmissionFault => fault),
      };
    },
  };
}
