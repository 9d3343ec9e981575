import type { PlanStage } from '../../contract/schema/api-promotion';
import type { Guardrails, Policy, WindowPolicy } from '../../domain/policy';
import type { ReleaseOrigin } from '../../domain/release';

/** The stages of a release with the times that policy gives them. */
export function planStages(
  policy: Policy,
  origin: ReleaseOrigin,
  scenarios: number,
): readonly PlanStage[] {
  return [
    firstStage(policy, origin),
    work('attest', 'SBOM and provenance', policy.timeouts.scanMs, 'schemas of CycloneDX and SLSA'),
    work('scan', 'scan', policy.timeouts.scanMs, scanRule(policy)),
    work('sign', 'sign and log', policy.timeouts.dependencyMs, 'signatures read back'),
    work('tag', 'write-once tag, dev:candidate', policy.timeouts.dependencyMs, 'tag not taken'),
    work('stg', 'stg:candidate', policy.timeouts.dependencyMs, 'container becomes ready'),
    ...policy.canary.stepsPercent.map((percent) => ({
      stage: 'canary' as const,
      title: `canary ${percent} %`,
      ...windowTimes(policy.canary),
      gate: `${guardrailRule(policy.canary.guardrails)}; ${scenarios} scenarios`,
    })),
    work(
      'prod-candidate',
      'prod:candidate',
      policy.timeouts.dependencyMs,
      'container becomes ready',
    ),
    {
      stage: 'observation',
      title: `observation at ${policy.observation.candidatePercent} %`,
      ...windowTimes(policy.observation),
      gate: guardrailRule(policy.observation.guardrails),
    },
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

function windowTimes(window: WindowPolicy): { durationMs: number; maxMs: number } {
  return {
    durationMs: window.windowMs,
    maxMs: window.windowMs * (1 + window.maxExtensions),
  };
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
