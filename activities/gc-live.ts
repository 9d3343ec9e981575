import { failureReason } from '../src/contract/error-reason';
import { inParallel } from '../src/contract/in-parallel';
import type { Digest } from '../src/domain/digest';
import type { Root, RootFacts } from '../src/domain/gc/roots';
import type { Environment } from '../src/domain/reference';
import type { Deps } from './deps';

/** Where images serve; dev has channels only. */
const TARGETS = ['stg', 'prod'] as const satisfies readonly Environment[];
/** Services that are asked after at a time. */
const PARALLEL = 4;

type LiveDeps = Pick<Deps, 'readBases' | 'rescans' | 'rollout' | 'services'>;

interface Asked {
  readonly roots: readonly Root[];
  readonly missing: string | null;
}

async function askTarget(
  { rollout }: Pick<Deps, 'rollout'>,
  svc: string,
  env: Environment,
): Promise<Asked> {
  try {
    const { stable, candidate, warm = [] } = await rollout.getState(svc, env);
    const served = [stable, candidate].filter((digest) => digest !== null);
    const live = (digest: Digest, how: string): Root => {
      return { digest, reason: 'live-workload', detail: `${svc} ${how} in ${env}` };
    };
    return {
      roots: [
        ...served.map((digest) => live(digest, 'runs it')),
        ...warm.map((digest) => live(digest, 'keeps it warm')),
      ],
      missing: null,
    };
  } catch (error) {
    return { roots: [], missing: `what ${svc} runs in ${env}: ${failureReason(error)}` };
  }
}

/** What runs on the targets, and the bases that the next build would take; a target that does not answer is missing. */
export async function readLiveRoots(
  deps: LiveDeps,
  signal: AbortSignal,
): Promise<Pick<RootFacts, 'roots' | 'missing'>> {
  const known = [...deps.services.map(({ svc }) => svc), ...(await deps.rescans.services())];
  const targets = [...new Set(known)].flatMap((svc) => TARGETS.map((env) => ({ svc, env })));
  const asked = await inParallel(targets, PARALLEL, ({ svc, env }) => {
    signal.throwIfAborted();
    return askTarget(deps, svc, env);
  });
  const bases = Object.entries(await deps.readBases()).flatMap(
    ([name, { digest, alsoHeld = [] }]): readonly Root[] =>
      [digest, ...alsoHeld].map((held) => ({
        digest: held,
        reason: 'base-in-use',
        detail: `${name} is pinned to it`,
      })),
  );
  return {
    roots: [...asked.flatMap(({ roots }) => roots), ...bases],
    missing: asked.flatMap(({ missing }) => missing ?? []),
  };
}
