import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import type { Environment } from '../src/domain/reference';
import { faultsOfRollout } from '../src/domain/served';
import type { Gate, Verdict } from '../src/domain/verdict';
import { asideOf } from '../src/domain/window-subject';
import type { Deps } from './deps';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface JudgeRolloutInput {
  readonly release: ReleaseRef;
  readonly gate: Extract<Gate, 'canary' | 'observation'>;
  readonly subject: string;
  readonly env: Environment;
  /** Of the release. */
  readonly epoch: number;
  readonly digest: Digest;
  /** Share of the traffic that it was given. */
  readonly percent: number;
  /** RFC 3339: when its containers were started for this release. */
  readonly since: string;
}

export interface JudgeRolloutActivities {
  /**
   * Whether a digest still runs and is split as it was left. Recorded when it isn't: a pass is of this moment only.
   * Throws ROLLOUT_UNAVAILABLE: not known is neither; FENCED when a newer writer owns the service.
   */
  judgeRollout(input: JudgeRolloutInput): Promise<Verdict>;
}

export function createJudgeRolloutActivities(
  deps: Pick<Deps, 'rollout' | 'ledger' | 'now'>,
): JudgeRolloutActivities {
  return {
    async judgeRollout(input) {
      const verdict = await judgeServed(deps, input);
      return verdict.outcome === 'pass' ? verdict : recordVerdict(deps, input.release, verdict);
    },
  };
}

/** As the activity, and records nothing. Throws ROLLOUT_UNAVAILABLE, FENCED. */
export async function judgeServed(
  deps: Pick<Deps, 'rollout'>,
  { release, gate, subject, env, epoch, digest, percent, since }: JudgeRolloutInput,
): Promise<Verdict> {
  const seen = await deps.rollout.getState(release.svc, env, since);
  if (seen.epoch > epoch) {
    throw new ReleaseError('FENCED', `epoch ${epoch} of ${release.svc} is over in ${env}`, {
      details: { epoch: seen.epoch },
    });
  }
  const reasons = faultsOfRollout({ digest, percent }, seen);
  const { stable, candidate, candidatePercent } = seen;
  return {
    gate,
    subject: asideOf(subject, 'rollout'),
    outcome: reasons.length > 0 ? 'fail' : 'pass',
    reasons,
    evidence: { stable, candidate, candidatePercent, percent, since },
  };
}
