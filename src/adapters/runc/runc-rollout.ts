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
  const put = (path: string, body: unknown, extraMs = 0): Promise<State> =>
    callTarget(options, { method: 'PUT', path, body, extraMs, answer: RolloutState });

  return {
    startCandidate: ({ epoch, ...at }, image, healthPath, readyTimeoutMs) =>
      put(
        `${pathOf(at)}/candidate`,
        { epoch, image, healthPath, readyTimeoutMs },
        readyTimeoutMs + PULL_MS,
      ),
    setCandidatePercent: ({ epoch, ...at }, candidate, percent) =>
      put(`${pathOf(at)}/candidate/percent`, { epoch, candidate, percent }),
    makeStable: ({ epoch, ...at }, image, healthPath, readyTimeoutMs) =>
      put(
        `${pathOf(at)}/stable`,
        { epoch, image, healthPath, readyTimeoutMs },
        readyTimeoutMs + PULL_MS,
      ),
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
