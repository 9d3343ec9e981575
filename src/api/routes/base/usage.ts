import { ReleaseError } from '../../../contract/errors';
import { BaseUsage, BaseUsageQuery } from '../../../contract/schema/api-base-usage';
import { baseStandings } from '../../../domain/bases/usage';
import { isDigest, type Digest } from '../../../domain/digest';
import type { BaseUse } from '../../../ports/base-catalogue';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

type Parts = Pick<ApiDependencies, 'baseCatalogue' | 'catalog' | 'readBases'>;

/** Digests of one mirror that are looked up; older ones are found by what is stable. */
const MAX_DIGESTS = 20;

export function registerBaseUsage(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/bases/usage',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Which images stand on which base, and which of these are old',
        querystring: BaseUsageQuery,
        response: answers({ 200: BaseUsage }),
      },
    },
    ({ query }) => readUsage(deps, query),
  );
}

async function readUsage(parts: Parts, { of, limit }: BaseUsageQuery): Promise<BaseUsage> {
  const { baseCatalogue, readBases } = parts;
  const [pins, imported, stable] = await Promise.all([
    readBases(),
    baseCatalogue.list(),
    baseCatalogue.stableUses(),
  ]);
  const standings = baseStandings(
    pins,
    imported.filter(({ withdrawnAt }) => withdrawnAt !== null),
  );
  const isStable = new Set(stable.map(keyOf));
  const uses = of === undefined ? stable : await usesOf(parts, of, limit, stable);
  return {
    uses: uses.slice(0, limit).map(({ baseRepository, baseDigest, ...image }) => ({
      ...image,
      stable: isStable.has(keyOf({ ...image, baseRepository, baseDigest })),
      base: { repository: baseRepository, digest: baseDigest },
      standing: standings.of(baseRepository, baseDigest),
    })),
  };
}

function keyOf({ svc, digest, baseRepository, baseDigest }: BaseUse): string {
  return [svc, digest, baseRepository, baseDigest].join(' ');
}

/** @throws ReleaseError INVALID_INPUT for what is neither service nor base */
async function usesOf(
  { baseCatalogue, catalog, readBases }: Parts,
  of: string,
  limit: number,
  stable: readonly BaseUse[],
): Promise<readonly BaseUse[]> {
  if (isDigest(of)) return baseCatalogue.usesOf(of, limit);
  if (catalog.some(({ svc }) => svc === of)) return stable.filter(({ svc }) => svc === of);
  const repository = of.includes('/') ? of : `bases/${of}`;
  const isIt = (one: { readonly repository: string }): boolean => one.repository === repository;
  const held = Object.values(await readBases()).filter(isIt);
  const imported = (await baseCatalogue.list()).filter(isIt);
  const known = stable.filter((one) => one.baseRepository === repository);
  const digests = new Set<Digest>([
    ...[...held, ...imported].map(({ digest }) => digest),
    ...known.map(({ baseDigest }) => baseDigest),
  ]);
  if (digests.size === 0) throw nothingOf(of);
  const found = await Promise.all(
    [...digests].slice(0, MAX_DIGESTS).map((digest) => baseCatalogue.usesOf(digest, limit)),
  );
  return found.flat().filter((one) => one.baseRepository === repository);
}

function nothingOf(of: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `"${of}" is neither a service nor a base`, {
    details: {
      field: 'of',
      remedy: 'see plura reg base list for bases, plura reg list for services',
    },
  });
}
