import { ReleaseError } from '../contract/errors';
import { lintPlan } from '../domain/plan-lint';
import { lintScrapes } from '../domain/plan-lint-scrapes';
import type { PlanFinding } from '../domain/plan-finding';
import { planOf } from '../domain/plan-of';
import type { Policy } from '../domain/policy';
import type { Service } from '../domain/service';

/** What likely isn't meant in the plan of a service. */
export interface PlanWarning {
  readonly file: string;
  /** As in the file, e.g. `services[0].plan.canary.checkpoint`, or the variable that does not fit the policy. */
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

interface PlanContext {
  readonly policy: Policy;
  readonly scrapeIntervalMs: number;
}

type Found = PlanFinding & { readonly field: string };

/**
 * The plans of a catalogue, each over the policy: a promotion is not where it should be found that one can't work. What the policy alone
 * says of a service without a plan is not looked at, but for scrapes that are too rare for it: they would make its comparison void.
 * @throws ReleaseError INVALID_INPUT that names file and field of each fault.
 */
export function checkServicePlans(
  file: string,
  catalog: readonly Service[],
  context: PlanContext,
): readonly PlanWarning[] {
  const { policy } = context;
  const findings = catalog.flatMap((service, index): readonly Found[] =>
    service.plan
      ? lintPlan(planOf({ policy, service, given: null }), context).map((finding) => ({
          ...finding,
          field: `services[${index}].plan.${finding.path}`,
        }))
      : [],
  );
  if (catalog.some(({ plan }) => !plan)) findings.push(...lintStandard(context));
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

function lintStandard({ policy, scrapeIntervalMs }: PlanContext): readonly Found[] {
  const standard = planOf({ policy, service: {}, given: null });
  return lintScrapes(standard, scrapeIntervalMs).map((finding) => ({
    ...finding,
    field: 'PLURA_SCRAPE_INTERVAL_MS',
  }));
}
