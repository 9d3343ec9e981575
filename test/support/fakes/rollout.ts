import { ReleaseError } from '../../../src/contract/errors';
import type { Digest } from '../../../src/domain/digest';
import type { Rollout, RolloutState, RolloutWrite, StableWrite } from '../../../src/ports/rollout';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeRollout extends Rollout, CallFaults {
  /** A container of this digest never gets ready. */
  breakImage(digest: Digest): void;
  /** From now on containers of candidates take until they are told to stop. */
  stall(): void;
  /** What is seen of the candidate from now on, for as long as there is one. */
  show(at: Pick<RolloutState, 'svc' | 'env'>, signs: Pick<RolloutState, 'trouble' | 'drift'>): void;
  /** What runs, by `{svc}/{env}`. */
  readonly states: ReadonlyMap<string, RolloutState>;
}

const keyOf = ({ svc, env }: Pick<RolloutState, 'svc' | 'env'>): string => `${svc}/${env}`;

/** The semantics of the port in memory, fences included; nothing runs. */
export function createFakeRollout(): FakeRollout {
  const states = new Map<string, RolloutState>();
  const broken = new Set<Digest>();
  let stalled = false;
  const shown = new Map<string, Pick<RolloutState, 'trouble' | 'drift'>>();

  function read(svc: string, env: RolloutState['env']): RolloutState {
    const url = `http://127.0.0.1:9/${svc}/${env}`;
    const empty = { epoch: 0, stable: null, candidate: null, candidatePercent: 0, url };
    return states.get(keyOf({ svc, env })) ?? { svc, env, ...empty };
  }

  function write(
    { svc, env, epoch }: RolloutWrite,
    change: (state: RolloutState) => Partial<RolloutState>,
  ): RolloutState {
    const state = read(svc, env);
    if (epoch < state.epoch) {
      throw new ReleaseError('FENCED', `epoch ${epoch} is older than ${state.epoch}`);
    }
    states.set(keyOf(state), { ...state, epoch });
    const next = { ...state, epoch, ...change(state) };
    states.set(keyOf(state), next);
    return next;
  }

  function start(digest: Digest): void {
    if (broken.has(digest)) {
      throw new ReleaseError('ROLLOUT_FAILED', `${digest} did not become ready`);
    }
  }

  async function wait({ signal }: RolloutWrite): Promise<void> {
    await Promise.resolve();
    signal?.throwIfAborted();
    if (!stalled) return;
    await new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  }

  const rollout: Rollout = {
    startCandidate: async (target, { digest }) => {
      await wait(target);
      const { epoch: before } = read(target.svc, target.env);
      write(target, (state) => {
        if (digest !== state.candidate && digest !== state.stable) {
          start(digest);
        }
        return {};
      });
      if (!read(target.svc, target.env).stable) await target.beforeServing?.();
      return write(target, (state) => {
        const kept = digest === state.candidate && target.epoch === before;
        const percent = kept ? state.candidatePercent : 0;
        return { candidate: digest, candidatePercent: state.stable ? percent : 100 };
      });
    },
    setCandidatePercent: (target, candidate, percent) =>
      later(() =>
        write(target, (state) => {
          if (!Number.isInteger(percent) || percent < 0 || percent > 100) {
            throw new ReleaseError('INVALID_INPUT', `percent ${percent} is not 0 to 100`);
          }
          if (state.candidate !== candidate) {
            throw new ReleaseError('ROLLOUT_FAILED', `${candidate} is not the candidate`);
          }
          return { candidatePercent: state.stable ? percent : 100 };
        }),
      ),
    makeStable: (target, { digest }) =>
      later(() =>
        write(target, (state) => {
          if (state.candidate !== digest && state.stable !== digest) {
            start(digest);
          }
          const warm = warmAfter(state, digest, target.former);
          return { stable: digest, candidate: null, candidatePercent: 0, warm };
        }),
      ),
    withdrawCandidate: (target) =>
      later(() => write(target, () => ({ candidate: null, candidatePercent: 0 }))),
    clearStable: (target) =>
      later(() =>
        write(target, (state) => ({ stable: null, candidatePercent: state.candidate ? 100 : 0 })),
      ),
    getState: (svc, env) =>
      later(() => {
        const state = read(svc, env);
        return { ...state, ...(state.candidate && shown.get(keyOf(state))) };
      }),
    trackUrl: (svc, env, track) =>
      later(() => {
        const state = read(svc, env);
        return state[track] ? `${state.url}/${track}` : null;
      }),
  };
  const faulty = withCallFaults(rollout);
  return {
    ...faulty,
    calls: faulty.calls,
    fail: (code, times, method) => {
      faulty.fail(code, times, method);
    },
    states,
    breakImage: (digest) => {
      broken.add(digest);
    },
    stall: () => {
      stalled = true;
    },
    show: (at, signs) => {
      shown.set(keyOf(at), signs);
    },
  };
}

/** One former stable is kept. */
function warmAfter(
  { stable, warm = [] }: RolloutState,
  digest: Digest,
  former: StableWrite['former'],
): readonly Digest[] {
  if (stable === null || stable === digest || former === 'stop') {
    return warm.filter((one) => one !== digest);
  }
  return [stable];
}

function later<T>(make: () => T): Promise<T> {
  return Promise.resolve().then(make);
}
