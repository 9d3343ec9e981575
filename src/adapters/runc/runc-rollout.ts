import type { Rollout, RolloutState as State, RolloutWrite } from '../../ports/rollout';
import { RolloutState, TrackUrl } from './schema';
import { callTarget, type TargetHttpOptions } from './target-http';

/** A pull may take long; a retry joins the one under way. */
const PULL_MS = 60_000;

function pathOf({ svc, env }: Pick<RolloutWrite, 'svc' | 'env'>): string {
  return `/v1/rollouts/${encodeURIComponent(svc)}/${env}`;
}

/** The local rollout target (`src/main/target.ts`) over HTTP: images run by digest with runc. */
export function createRuncRollout(options: TargetHttpOptions): Rollout {
  const put = (write: RolloutWrite, part: string, body: object, extraMs = 0): Promise<State> => {
    const { epoch, signal } = write;
    const path = `${pathOf(write)}/${part}`;
    const call = { method: 'PUT', path, extraMs, signal, answer: RolloutState } as const;
    return callTarget(options, { ...call, body: { epoch, ...body } });
  };

  return {
    startCandidate: async ({ beforeServing, ...write }, image, healthPath, readyTimeoutMs) => {
      const start = (part: string): Promise<State> =>
        put(write, part, { image, healthPath, readyTimeoutMs }, readyTimeoutMs + PULL_MS);
      if (beforeServing) {
        const { stable } = await start('candidate/preparation');
        if (stable === null) await beforeServing();
      }
      return start('candidate');
    },
    setCandidatePercent: (write, candidate, percent) =>
      put(write, 'candidate/percent', { candidate, percent }),
    makeStable: ({ former = 'keep', ...write }, image, healthPath, readyTimeoutMs) =>
      put(write, 'stable', { image, healthPath, readyTimeoutMs, former }, readyTimeoutMs + PULL_MS),
    withdrawCandidate: ({ epoch, ...at }) =>
      callTarget(options, {
        method: 'POST',
        path: `${pathOf(at)}/candidate/withdrawal`,
        body: { epoch },
        answer: RolloutState,
      }),
    clearStable: ({ epoch, ...at }) =>
      callTarget(options, {
        method: 'POST',
        path: `${pathOf(at)}/stable/withdrawal`,
        body: { epoch },
        answer: RolloutState,
      }),
    getState: (svc, env) =>
      callTarget(options, { method: 'GET', path: pathOf({ svc, env }), answer: RolloutState }),
    trackUrl: async (svc, env, track) => {
      const path = `${pathOf({ svc, env })}/tracks/${track}`;
      const { url } = await callTarget(options, { method: 'GET', path, answer: TrackUrl });
      return url;
    },
  };
}
