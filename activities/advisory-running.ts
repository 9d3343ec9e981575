import { failureReason } from '../src/contract/error-reason';
import { inParallel } from '../src/contract/in-parallel';
import { ENVIRONMENTS, type Environment } from '../src/domain/reference';
import type { RunningDigest } from '../src/ports/advisory-matches';
import type { AtInput, FindWorkloadsResult } from './advisory-watch';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';

/** Targets are asked so many at a time. */
const PARALLEL = 4;
const MAX_ERRORS = 5;

type RunningDeps = Pick<Deps, 'advisoryMatches' | 'rescans' | 'rollout'>;

interface Asked {
  readonly target: { readonly svc: string; readonly env: Environment };
  readonly running: readonly RunningDigest[];
  /** Null: it has answered. */
  readonly error: string | null;
}

async function ask({ rollout }: RunningDeps, target: Asked['target']): Promise<Asked> {
  const { svc, env } = target;
  try {
    const { stable, candidate } = await rollout.getState(svc, env);
    const digests = [stable, candidate].filter((digest) => digest !== null);
    return { target, running: digests.map((digest) => ({ svc, env, digest })), error: null };
  } catch (error) {
    return { target, running: [], error: `what ${svc} runs in ${env}: ${failureReason(error)}` };
  }
}

/** Of a target that does not answer, what it said before stands. `at`: RFC 3339. */
export async function recordRunning(
  deps: RunningDeps,
  at: string,
  signal: AbortSignal,
): Promise<FindWorkloadsResult> {
  const services = await deps.rescans.services();
  const targets = services.flatMap((svc) => ENVIRONMENTS.map((env) => ({ svc, env })));
  const asked = await inParallel(targets, PARALLEL, (target) => {
    signal.throwIfAborted();
    return ask(deps, target);
  });
  const answered = asked.filter(({ error }) => error === null);
  const running = answered.flatMap((one) => one.running);
  await deps.advisoryMatches.recordRunning(
    answered.map(({ target }) => target),
    running,
    at,
  );
  return {
    running: running.length,
    errors: asked.flatMap(({ error }) => error ?? []).slice(0, MAX_ERRORS),
  };
}

export function findWorkloads(deps: RunningDeps, { at }: AtInput): Promise<FindWorkloadsResult> {
  return heartbeating((signal) => recordRunning(deps, at, signal));
}
