import { ReleaseError } from '../../contract/errors';
import type { PromoteRequest } from '../../contract/schema/api-promotion';
import type { Plan } from '../../domain/plan';
import { lintPlan } from '../../domain/plan-lint';
import { loosenedBy } from '../../domain/plan-loosened';
import { planOf } from '../../domain/plan-of';
import { planOver } from '../../domain/plan-over';
import type { Service } from '../../domain/service';
import type { ApiDependencies } from '../dependencies';

/**
 * How a release of the service is tried out and judged. @throws ReleaseError INVALID_INPUT, with the path of the fault, when the
 * plan that was given can't work or is easier than the service's own; what policy and catalogue say was settled there.
 */
export function planRelease(
  { policy, scrapeIntervalMs }: Pick<ApiDependencies, 'policy' | 'scrapeIntervalMs'>,
  service: Pick<Service, 'svc' | 'plan'>,
  { canaryPlan }: Pick<PromoteRequest, 'canaryPlan'>,
): Plan {
  const standard = planOf({ policy, service, given: null });
  if (canaryPlan === undefined) return standard;
  const plan = planOver(standard, { policy, service, given: canaryPlan });
  const findings = lintPlan(plan, { policy, scrapeIntervalMs });
  const [fault] = findings.filter(({ severity }) => severity === 'error');
  if (fault) throw refuse(fault.path, fault.message, fault.remedy);
  const [easier] = loosenedBy(plan, standard);
  if (!easier) return plan;
  throw refuse(
    easier.path,
    `${easier.message}: a promotion may be stricter than the plan of ${service.svc}, not easier`,
    'leave it out, or change the plan of the service in the catalogue',
  );
}

function refuse(path: string, message: string, remedy: string): ReleaseError {
  const field = `canaryPlan.${path}`;
  return new ReleaseError('INVALID_INPUT', `${field}: ${message}`, { details: { field, remedy } });
}
