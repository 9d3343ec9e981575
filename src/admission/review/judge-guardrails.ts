import type { AdmissionRequest } from '../../contract/schema/admission-review';
import type { Breach } from '../../domain/admission/guardrails/guardrail';
import type { PodTemplate } from '../../domain/admission/workload';
import type { GuardrailFindings, Workloads } from '../dependencies';
import type { Asked } from './read-object';

type GuardrailJudge = Pick<Workloads, 'judgeGuardrails'>;

function without(breaches: readonly Breach[], known: readonly Breach[]): readonly Breach[] {
  const keyOf = ({ rule, pointer, message }: Breach): string => [rule, pointer, message].join('\n');
  const before = new Set(known.map(keyOf));
  return breaches.filter((breach) => !before.has(keyOf(breach)));
}

/**
 * All that an object breaches. Of a pod that runs already only what its update makes worse: nearly nothing of it can be changed,
 * and whoever labels it must be able to.
 */
export async function judgeGuardrails(
  workloads: GuardrailJudge,
  { namespace, operation, kind }: AdmissionRequest,
  { template, before }: Asked,
): Promise<GuardrailFindings> {
  const judge = (one: PodTemplate): Promise<GuardrailFindings> =>
    workloads.judgeGuardrails({ namespace, template: one });
  const isRunningPod = operation === 'UPDATE' && kind.group === '' && kind.kind === 'Pod';
  if (!isRunningPod || !before) return judge(template);
  const [now, then] = await Promise.all([judge(template), judge(before)]);
  return {
    denied: without(now.denied, then.denied),
    warnings: without(now.warnings, then.warnings),
    audited: without(now.audited, then.audited),
    unread: then.unread.length > 0 ? [] : now.unread,
  };
}
