import type { PlanStage } from '../../contract/schema/api-promotion';
import type { Plan } from '../../domain/plan';
import { windowsOf, type PlannedWindow } from '../../domain/plan-windows';
import type { Guardrails, Policy } from '../../domain/policy';
import type { ReleaseOrigin } from '../../domain/release';

interface StagesInput {
  readonly policy: Policy;
  readonly plan: Plan;
  readonly origin: ReleaseOrigin;
  readonly scenarios: number;
}

/** The stages of a release with the times that policy gives them. */
export function planStages(input: StagesInput): readonly PlanStage[] {
  const { policy, plan, origin, scenarios } = input;
  return [
    firstStage(policy, origin),
    work('attest', 'SBOM and provenance', policy.timeouts.scanMs, 'schemas of CycloneDX and SLSA'),
    work('scan', 'scan', policy.timeouts.scanMs, scanRule(policy)),
    work('sign', 'sign and log', policy.timeouts.dependencyMs, 'signatures read back'),
    work('tag', 'write-once tag, dev:candidate', policy.timeouts.dependencyMs, 'tag not taken'),
    work('stg', 'stg:candidate', policy.timeouts.dependencyMs, 'container becomes ready'),
    ...windowsOf(plan)
      .filter(({ gate }) => gate === 'canary')
      .map((window) => canaryStage(plan, window, scenarios)),
    work(
      'prod-candidate',
      'prod:candidate',
      policy.timeouts.dependencyMs,
      'container becomes ready',
    ),
    ...windowsOf(plan)
      .filter(({ gate }) => gate === 'observation')
      .map((window) => observationStage(plan, window)),
    ...approvalStage(policy),
    work(
      'prod-stable',
      'prod:stable, notes, revert key',
      policy.timeouts.dependencyMs,
      'compare-and-set',
    ),
  ];
}

export function leastTimeMs(stages: readonly PlanStage[]): number {
  return stages.reduce((sum, stage) => sum + (stage.durationMs ?? 0), 0);
}

function firstStage(policy: Policy, origin: ReleaseOrigin): PlanStage {
  if (origin.kind === 'source') {
    const user = policy.build.refuseRoot ? ', not root' : '';
    return work('build', `build ${origin.path}`, policy.timeouts.buildMs, `signed bases${user}`);
  }
  const title = 'check provenance and labels of the digest';
  return work('build', title, policy.timeouts.dependencyMs, 'provenance, labels, user');
}

function approvalStage(policy: Policy): readonly PlanStage[] {
  const { required, quorum, roles, timeoutMs } = policy.approval;
  if (!required) return [];
  return [work('approval', 'approval', timeoutMs, `${quorum} of role ${roles.join(' or ')}`)];
}

function work(stage: PlanStage['stage'], title: string, maxMs: number, gate: string): PlanStage {
  return { stage, title, durationMs: null, maxMs, gate };
}

function canaryStage(plan: Plan, window: PlannedWindow, scenarios: number): PlanStage {
  const title = `canary ${window.percent} %`;
  return { ...windowStage(plan, window, `; ${scenarios} scenarios`), stage: 'canary', title };
}

function observationStage(plan: Plan, window: PlannedWindow): PlanStage {
  const title = `observation at ${window.percent} %`;
  return { ...windowStage(plan, window, ''), stage: 'observation', title };
}

function windowStage(
  { judge }: Plan,
  { windowMs, maxMs, guardrails, onInconclusive, percent: share }: PlannedWindow,
  more: string,
): Omit<PlanStage, 'stage' | 'title'> {
  const names = [...(judge.errors ? ['errors'] : []), ...judge.metrics.map(({ name }) => name)];
  const compared =
    share >= 100 || names.length === 0 ? '' : `; ${names.join(', ')} compared with stable`;
  const held = onInconclusive.then === 'hold' ? '; holds when undecided' : '';
  const gate = `${guardrailRule(guardrails)}${compared}${held}${more}`;
  return { durationMs: windowMs, maxMs, gate };
}

function guardrailRule(rails: Guardrails): string {
  return `errors at most ${percent(rails.maxErrorRatio)}, p95 at most ${rails.maxP95Ms} ms, at least ${rails.minRequests} requests`;
}

function scanRule(policy: Policy): string {
  const medium = policy.scan.medium === 'exception' ? ', Medium only by exception' : '';
  return `Critical ${policy.scan.critical}, High ${policy.scan.high}${medium}`;
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}
