import { ReleaseError } from '../contract/errors';
import { lintPlan } from '../domain/plan-lint';
import { planOf } from '../domain/plan-of';
import type { Policy } from '../domain/policy';
import type { Service } from '../domain/service';

/** What likely isn't meant in the plan of a service. */
export interface PlanWarning {
  readonly file: string;
  /** As in the file, e.g. `services[0].plan.canary.checkpoint`. */
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

/**
 * The plans of a catalogue, each over the policy: a promotion is not where it should be found that one can't work. What the policy alone
 * says of a service without a plan is not looked at.
 * @throws ReleaseError INVALID_INPUT that names file and field of each fault.
 */
export function checkServicePlans(
  file: string,
  catalog: readonly Service[],
  policy: Policy,
): readonly PlanWarning[] {
  const findings = catalog.flatMap((service, index) =>
    service.plan
      ? lintPlan(planOf({ policy, service, given: null }), { policy }).map((finding) => ({
          ...finding,
          field: `services[${index}].plan.${finding.path}`,
        }))
      : [],
  );
  const faults = findings.filter(({ severity }) => severity === 'error');
  const [first] = faults;
  if (first) {
    throw new ReleaseError(
      'INVALID_INPUT',
      faults.map(({ field, message }) => `${file}: ${field}: ${message}`).join('\n'),
      { details: { file, field: first.field, remedy: first.remedy } },
    );
  }
  return findings.map(({ field, message, remedy }) => ({ file, field, message, remedy }));
}
