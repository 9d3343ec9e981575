import { inParallel } from '../src/contract/in-parallel';
import type { RollupSource } from '../src/domain/rollup/report';
import { withPinned, type KnownBase, type StableFacts } from '../src/domain/rollup/plan';
import { refuseSource } from '../src/domain/rollup/source';
import { ReleaseError } from '../src/contract/errors';
import type { StableRelease } from '../src/ports/rollups';
import type { Deps } from './deps';
import { findSource } from './source';

type FactsDeps = Pick<
  Deps,
  'baseCatalogue' | 'compareSource' | 'rollups' | 'services' | 'sourceRoot'
>;

/** Each is a few processes of git. */
const COMPARED_AT_ONCE = 4;

/** The catalogue, and what the installation brings along beside it. Throws LEDGER_UNAVAILABLE. */
export async function knownBases({
  baseCatalogue,
  readBases,
}: Pick<Deps, 'baseCatalogue' | 'readBases'>): Promise<readonly KnownBase[]> {
  const [imported, pins] = await Promise.all([baseCatalogue.list(), readBases()]);
  return withPinned(imported, Object.values(pins));
}

/** What is known of each service with a prod:stable. Throws LEDGER_UNAVAILABLE. */
export async function gatherFacts(
  deps: FactsDeps,
  only: readonly string[] | null,
  unknownSource: 'rebuild' | 'skip',
): Promise<readonly StableFacts[]> {
  const [stable, uses] = await Promise.all([
    deps.rollups.stable(only),
    deps.baseCatalogue.stableUses(only?.length === 1 ? only[0] : undefined),
  ]);
  return inParallel(stable, COMPARED_AT_ONCE, async (one): Promise<StableFacts> => {
    const { svc, digest } = one;
    const source = sourceOf(one);
    const obstacle = await findObstacle(deps, one, unknownSource);
    return {
      ...{ svc, digest, obstacle },
      owner: deps.services.find((service) => service.svc === svc)?.owner ?? '',
      uses: uses.filter((use) => use.svc === svc && use.digest === digest),
      source: obstacle === null ? source : null,
    };
  });
}

function sourceOf({ release }: StableRelease): RollupSource | null {
  if (release?.origin.kind !== 'source') return null;
  const { version, revision, origin } = release;
  return { version, revision, path: origin.path };
}

async function findObstacle(
  deps: FactsDeps,
  { svc, release }: StableRelease,
  unknownSource: 'rebuild' | 'skip',
): Promise<string | null> {
  if (!deps.services.some((service) => service.svc === svc)) {
    return 'it is not in the catalogue of services';
  }
  if (!release) return 'no release of it is on record';
  if (release.origin.kind === 'digest') return 'CI built it: it has to be rebuilt there';
  const { path } = release.origin;
  const { revision } = release;
  try {
    const folder = await findSource(deps.sourceRoot, path);
    const comparison = await deps.compareSource(folder, revision);
    return refuseSource(comparison, { path, revision }, unknownSource);
  } catch (error) {
    if (!(error instanceof ReleaseError) || error.code !== 'SOURCE_NOT_FOUND') throw error;
    return error.message;
  }
}
