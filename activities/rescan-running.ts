import { failureReason } from '../src/contract/error-reason';
import { inParallel } from '../src/contract/in-parallel';
import { ENVIRONMENTS, type Environment } from '../src/domain/reference';
import type { KeptImage } from '../src/domain/rescan';
import { heartbeating } from './heartbeat';
import type { FindRunningInput, FindRunningResult, RescanDeps } from './rescan';
import { windowOf } from './rescan-slice';

/** Targets are asked so many at a time. */
const PARALLEL = 4;
/** A handful is what a manual change leaves behind; the rest is in a channel or its window. */
const MAX_RUNNING = 200;
const MAX_ERRORS = 5;
const MAX_KEPT = 500;

interface Looked {
  readonly running: readonly KeptImage[];
  readonly error: string | null;
}

async function digestsOf(
  { rollout }: RescanDeps,
  svc: string,
  env: Environment,
): Promise<readonly KeptImage[]> {
  const { stable, candidate, warm = [] } = await rollout.getState(svc, env);
  return [stable, candidate, ...warm].flatMap((digest) =>
    digest === null ? [] : [{ svc, digest }],
  );
}

/** What a service runs, but for what the ledger keeps anyway. */
async function lookAt(
  deps: RescanDeps,
  { settings }: FindRunningInput,
  svc: string,
): Promise<Looked> {
  try {
    const states = await Promise.all(ENVIRONMENTS.map((env) => digestsOf(deps, svc, env)));
    const window = windowOf(settings, deps.now().getTime());
    const kept = await deps.rescans.listKept({ svc, ...window, limit: MAX_KEPT });
    const known = new Set<string>(kept.map(({ digest }) => digest));
    const others = new Map(
      states
        .flat()
        .filter(({ digest }) => !known.has(digest))
        .map((image) => [image.digest, image]),
    );
    return { running: [...others.values()], error: null };
  } catch (error) {
    return { running: [], error: `what ${svc} runs: ${failureReason(error)}` };
  }
}

export async function findRunning(
  deps: RescanDeps,
  input: FindRunningInput,
): Promise<FindRunningResult> {
  return heartbeating(async (signal) => {
    const services = await deps.rescans.services();
    const looked = await inParallel(services, PARALLEL, (svc) => {
      signal.throwIfAborted();
      return lookAt(deps, input, svc);
    });
    const errors = looked.flatMap(({ error }) => error ?? []);
    const more = errors.length - MAX_ERRORS;
    return {
      running: looked.flatMap(({ running }) => running).slice(0, MAX_RUNNING),
      errors: [
        ...errors.slice(0, MAX_ERRORS),
        ...(more > 0 ? [`what ${more} more services run`] : []),
      ],
    };
  });
}
