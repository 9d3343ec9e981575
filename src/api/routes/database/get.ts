import { DatabaseView, type MirroredView } from '../../../contract/schema/api-database';
import {
  ageOf,
  DATABASE_KINDS,
  DATABASE_PREDICATE_TYPE,
  type MirroredDatabase,
} from '../../../domain/advisories/database-mirror';
import { KEY_IDS } from '../../../ports/signer';
import type { Api } from '../../api';
import { findAttestation } from '../../attestations';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerGetDatabases(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/databases',
    {
      config: { permission: 'read' },
      schema: {
        summary: "The scanner's databases in our registry, and when the mirror runs next",
        response: answers({ 200: DatabaseView }),
      },
    },
    async () => {
      const [overview, matched, newest] = await Promise.all([
        deps.orchestrator.databaseMirror.overview(),
        deps.advisoryMatches.matchedWith(),
        Promise.all(DATABASE_KINDS.map((kind) => deps.databaseMirrors.newest(kind))),
      ]);
      const found = newest.filter((one) => one !== null);
      const databases = await Promise.all(found.map((one) => describe(deps, one)));
      const { databaseMaxAgeMs: maxAgeMs } = deps.policy.scan;
      return { ...overview, databases, matched, maxAgeMs };
    },
  );
}

async function describe(deps: ApiDependencies, one: MirroredDatabase): Promise<MirroredView> {
  const nowMs = deps.now().getTime();
  return {
    ...one,
    ageMs: nowMs - Date.parse(one.updatedAt),
    age: ageOf(one.updatedAt, deps.policy.scan.databaseMaxAgeMs, nowMs),
    signed: await isSigned(deps, one),
  };
}

async function isSigned(
  deps: ApiDependencies,
  { repository, digest }: MirroredDatabase,
): Promise<boolean | null> {
  try {
    const found = await findAttestation(deps, {
      image: { repository, digest },
      predicateType: DATABASE_PREDICATE_TYPE,
      keyId: KEY_IDS.bases,
      log: deps.policy.signing.transparencyLog === 'required',
    });
    return found.ok;
  } catch {
    return null;
  }
}
