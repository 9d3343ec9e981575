import type { Digest } from '../src/domain/digest';
import { appRepository, type Environment } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { RolloutState, RolloutWrite } from '../src/ports/rollout';
import type { Deps } from './deps';

export interface RolloutInput {
  readonly service: Pick<Service, 'svc' | 'name' | 'healthPath'>;
  readonly env: Environment;
  readonly epoch: number;
  readonly digest: Digest;
}

export interface RolloutActivities {
  startCandidate(input: RolloutInput): Promise<RolloutState>;
  setCandidatePercent(input: RolloutInput & { readonly percent: number }): Promise<RolloutState>;
  makeStable(input: RolloutInput): Promise<RolloutState>;
  withdrawCandidate(input: Omit<RolloutInput, 'digest'>): Promise<RolloutState>;
  clearStable(input: Omit<RolloutInput, 'digest'>): Promise<RolloutState>;
}

/** A container that does not answer within this is not going to. */
const READY_TIMEOUT_MS = 30_000;

function toWrite({ service, env, epoch }: Omit<RolloutInput, 'digest'>): RolloutWrite {
  return { svc: service.svc, env, epoch };
}

function toImage({ service, digest }: RolloutInput): { repository: string; digest: Digest } {
  return { repository: appRepository(service.svc, service.name), digest };
}

export function createRolloutActivities({ rollout }: Pick<Deps, 'rollout'>): RolloutActivities {
  return {
    startCandidate: (input) =>
      rollout.startCandidate(
        toWrite(input),
        toImage(input),
        input.service.healthPath,
        READY_TIMEOUT_MS,
      ),
    setCandidatePercent: (input) =>
      rollout.setCandidatePercent(toWrite(input), input.digest, input.percent),
    makeStable: (input) =>
      rollout.makeStable(
        toWrite(input),
        toImage(input),
        input.service.healthPath,
        READY_TIMEOUT_MS,
      ),
    withdrawCandidate: (input) => rollout.withdrawCandidate(toWrite(input)),
    clearStable: (input) => rollout.clearStable(toWrite(input)),
  };
}
