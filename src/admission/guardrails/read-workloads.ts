import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { podTemplateOf } from '../../contract/schema/admission-pod';
import type { AdmissionFault } from '../../domain/admission/fault';
import type { GuardrailConfig, RuleId } from '../../domain/admission/guardrails/config';
import { createGuardrailJudge } from '../../domain/admission/guardrails/judge-guardrails';
import { imagesOf } from '../../domain/admission/image-positions';
import type { Workloads } from '../dependencies';
import type { FactReader } from './facts';

interface WorkloadParts {
  readonly guardrails: GuardrailConfig;
  readonly facts: FactReader;
}

/** Objects by the readers and rules of the domain. */
export function createWorkloads({ guardrails, facts }: WorkloadParts): Workloads {
  const judge = createGuardrailJudge(guardrails);
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
      const known = await facts.read(namespace, template);
      const verdict = judge({ namespace, template, facts: known });
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
