import type { PlanRequest, PlanView } from '../../contract/schema/api-plan';
import { hashPlan } from '../../contract/schema/plan';
import type { Digest } from '../../domain/digest';
import type { Plan } from '../../domain/plan';
import { lintPlan } from '../../domain/plan-lint';
import type { PlanFinding } from '../../domain/plan-finding';
import { loosenedBy } from '../../domain/plan-loosened';
import { planOf, type PlanInput } from '../../domain/plan-of';
import { originsOf } from '../../domain/plan-origins';
import { planOver } from '../../domain/plan-over';
import { previewQuery, rangeMsOf } from '../../domain/plan-query';
import { timesOf, windowsOf } from '../../domain/plan-windows';
import type { Environment } from '../../domain/reference';
import { findService } from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';

type PlanDependencies = Pick<
  ApiDependencies,
  'catalog' | 'ledger' | 'policy' | 'policyHash' | 'scrapeIntervalMs'
>;

/** The plan of a service as a promotion would take it now; it decides nothing and touches nothing. */
export async function describePlan(
  deps: PlanDependencies,
  request: PlanRequest,
): Promise<PlanView> {
  const { policy, policyHash } = deps;
  const service = request.svc === undefined ? null : findService(deps.catalog, request.svc);
  const input = { policy, service: service ?? {}, given: request.plan ?? null };
  const { plan, easier } = service ? mergeForPromotion(input) : { plan: planOf(input), easier: [] };
  const origins = originsOf(input);
  const { requestsPerSecond } = request;
  const findings = [
    ...lintPlan(plan, {
      policy,
      scrapeIntervalMs: deps.scrapeIntervalMs,
      ...(requestsPerSecond !== undefined && { requestsPerSecond }),
    }),
    ...easier,
  ];
  return {
    svc: service?.svc ?? null,
    valid: findings.every((one) => one.severity !== 'error'),
    plan,
    origins,
    windows: windowsOf(plan),
    times: timesOf(plan),
    queries: service ? await previewQueries(deps, plan, service.svc) : [],
    findings: findings.map((one) => ({ ...one, origin: originOf(origins, one.path) })),
    planHash: hashPlan(plan),
    policyHash,
  };
}

/** With what would make a promotion refuse the file. */
function mergeForPromotion(input: PlanInput): {
  readonly plan: Plan;
  readonly easier: readonly PlanFinding[];
} {
  const { given } = input;
  const standard = planOf({ ...input, given: null });
  if (!given) return { plan: standard, easier: [] };
  const plan = planOver(standard, { ...input, given });
  const easier = loosenedBy(plan, standard).map(({ path, message }) => ({
    path,
    severity: 'error' as const,
    message: `${message}: a promotion may be stricter than the plan of the service, not easier`,
    remedy: 'leave it out, or change the plan of the service in the catalogue',
  }));
  return { plan, easier };
}

async function previewQueries(
  { ledger, scrapeIntervalMs }: PlanDependencies,
  { judge }: Plan,
  service: string,
): Promise<PlanView['queries']> {
  if (judge.metrics.length === 0) return [];
  const channels = await ledger.listChannels(service);
  const stableIn = (env: Environment): Digest | null =>
    channels.find(({ channel }) => channel === `${env}:stable`)?.digest ?? null;
  const windowMs = rangeMsOf(judge.sampleIntervalMs, scrapeIntervalMs);
  return judge.metrics.flatMap(({ name, query }) =>
    (
      [
        ['canary', 'stg'],
        ['observation', 'prod'],
      ] as const
    ).map(([gate, env]) => ({
      metric: name,
      gate,
      query: previewQuery(query, { service, env, windowMs, version: stableIn(env) }),
    })),
  );
}

/** `judge.metrics[0].query` is part of the list `judge.metrics`, which came from one place. */
function originOf(origins: PlanView['origins'], path: string): PlanView['origins'][string] | null {
  return origins[path] ?? origins[path.replace(/\[.*$/, '')] ?? null;
}
