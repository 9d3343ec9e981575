import { Context } from '@temporalio/activity';
import type { Digest } from '../src/domain/digest';
import { appRepository, type Environment } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { RolloutState, RolloutWrite } from '../src/ports/rollout';
import type { Deps } from './deps';
import { requireOpen, type EdgeStateInput, type FreezeDeps } from './freezes';

export interface RolloutInput {
  readonly service: Pick<Service, 'svc' | 'name' | 'healthPath'>;
  readonly env: Environment;
  readonly epoch: number;
  readonly digest: Digest;
  /** Asked in each attempt of what moves traffic, before it does, which fails as FROZEN where it is closed. */
  readonly edge?: EdgeStateInput;
}

export interface StartInput extends RolloutInput {
  /** How long its containers may take to get ready; 30 s without it. */
  readonly readyTimeoutMs?: number;
}

export interface StableInput extends StartInput {
  /** stop: it is a way back, after which what was stable until now is not to run; without it, it is kept warm. */
  readonly former?: 'stop';
}

/** Cancelled, those that wait stop waiting; what they had begun is for the compensation to take back. */
export interface RolloutActivities {
  startCandidate(input: StartInput): Promise<RolloutState>;
  setCandidatePercent(input: RolloutInput & { readonly percent: number }): Promise<RolloutState>;
  makeStable(input: StableInput): Promise<RolloutState>;
  withdrawCandidate(input: Omit<RolloutInput, 'digest'>): Promise<RolloutState>;
  clearStable(input: Omit<RolloutInput, 'digest'>): Promise<RolloutState>;
}

type RolloutDeps = Pick<Deps, 'rollout'> & FreezeDeps;

const READY_TIMEOUT_MS = 30_000;

function toWrite({ service, env, epoch }: Omit<RolloutInput, 'digest'>): RolloutWrite {
  return { svc: service.svc, env, epoch };
}

/** An order to stop is obeyed at once, whatever the target makes of it. */
async function stoppable<T>(
  input: Omit<RolloutInput, 'digest'>,
  call: (write: RolloutWrite) => Promise<T>,
): Promise<T> {
  const signal = Context.current().cancellationSignal;
  try {
    return await call({ ...toWrite(input), signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function toImage({ service, digest }: RolloutInput): { repository: string; digest: Digest } {
  return { repository: appRepository(service.svc, service.name), digest };
}

export function createRolloutActivities(deps: RolloutDeps): RolloutActivities {
  const { rollout } = deps;
  return {
    startCandidate: (input) =>
      stoppable(input, async (write) => {
        const beforeServing = (): Promise<void> => requireOpen(deps, input.edge);
        await beforeServing();
        // It may take minutes to get ready: the first one is asked again then.
        return rollout.startCandidate(
          { ...write, ...(input.edge && { beforeServing }) },
          toImage(input),
          input.service.healthPath,
          readyMs(input),
        );
      }),
    setCandidatePercent: (input) =>
      stoppable(input, async (write) => {
        await requireOpen(deps, input.edge);
        return rollout.setCandidatePercent(write, input.digest, input.percent);
      }),
    makeStable: (input) =>
      stoppable(input, async (write) => {
        await requireOpen(deps, input.edge);
        return rollout.makeStable(
          { ...write, ...(input.former && { former: input.former }) },
          toImage(input),
          input.service.healthPath,
          readyMs(input),
        );
      }),
    withdrawCandidate: (input) => rollout.withdrawCandidate(toWrite(input)),
    clearStable: (input) => rollout.clearStable(toWrite(input)),
  };
}

function readyMs({ readyTimeoutMs = READY_TIMEOUT_MS }: StartInput): number {
  return readyTimeoutMs;
}
