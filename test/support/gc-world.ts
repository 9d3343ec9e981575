import { Client } from 'pg';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createOciRegistryCatalog } from '../../src/adapters/oci/registry-catalog';
import { sha256 } from '../../src/adapters/oci/schema';
import type { RepositoryScope, RobotKind } from '../../src/domain/registry/principal';
import type { Digest } from '../../src/domain/digest';
import type { GcPlan, PlanItem } from '../../src/domain/gc/plan';
import type { Registry } from '../../src/ports/registry';
import { createFakeDeps, type FakeDeps } from './fake-deps';
import { startGatewayProcess, type GatewayProcess, type GatewayRobot } from './gateway-process';
import type { PostgresServer } from './postgres-server';
import type { RegistryAccess } from './registry-push';
import type { RegistryServer } from './registry-server';
import type { RegistryCredentials } from '../../src/contract/docker-config';
import type { PostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { openStores, type OpenStores } from './registry-stores';

/** Where the policy of the gateway lets tags move freely. */
export const SCRATCH = 'scratch';

export interface GcWorld {
  readonly gateway: GatewayProcess;
  readonly stores: OpenStores;
  /** What activities get: the real registry, gateway and Postgres, fakes for the rest. */
  readonly deps: FakeDeps;
  /** A pipeline: pulls and pushes everywhere. */
  readonly pusher: GatewayRobot;
  readonly access: RegistryAccess;
  /** As the release workflows are. */
  readonly system: Registry;
  readonly places: GcPlaces;
  /** Lets all that was pushed be so much older. */
  readonly age: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Where the parts are, for a process that works on them. */
export interface GcPlaces {
  readonly database: string;
  readonly gatewayUrl: string;
  readonly backendUrl: string;
  readonly system: RegistryCredentials;
  readonly retention: RegistryCredentials;
}

export async function gcDeps(
  stores: PostgresRegistryStores,
  { gatewayUrl, backendUrl, system, retention }: GcPlaces,
): Promise<FakeDeps> {
  const { inventory, pendingPushes, gcPlans, gcItemFacts, tombstones, reclaims } = stores;
  const through = (credentials: RegistryCredentials): Registry =>
    createOciRegistry({ url: gatewayUrl, credentials });
  return {
    ...(await createFakeDeps()),
    ...{ inventory, pendingPushes, gcPlans, gcItemFacts, tombstones, reclaims },
    registry: through(system),
    retention: through(retention),
    backend: createOciRegistry({ url: backendUrl }),
    catalog: createOciRegistryCatalog({ url: backendUrl, requestsPerSecond: 10_000 }),
    gatewayState: stores.state,
    uploadLeases: stores.uploads,
  } as unknown as FakeDeps;
}

async function robotOf(
  gateway: GatewayProcess,
  kind: RobotKind,
  actions: RepositoryScope['actions'],
): Promise<GatewayRobot> {
  return gateway.createRobot({ kind, scopes: [{ repositories: '**', actions }] });
}

/** A gateway as shipped on a registry and a database of its own, and the activities' dependencies on them. */
export async function openGcWorld(
  postgres: PostgresServer,
  backend: Pick<RegistryServer, 'url'>,
): Promise<GcWorld> {
  const database = await postgres.freshDatabase();
  const gateway = await startGatewayProcess({
    backendUrl: backend.url,
    database,
    open: [SCRATCH],
  });
  const stores = await openStores(database);
  stores.client.on('error', () => undefined);
  const pusher = await robotOf(gateway, 'robot', ['pull', 'push']);
  const system = await robotOf(gateway, 'system', ['pull', 'push']);
  const retention = await robotOf(gateway, 'system', ['delete']);
  const login = ({ username, password }: GatewayRobot): RegistryCredentials => ({
    username,
    password,
  });
  const places: GcPlaces = {
    ...{ database, gatewayUrl: gateway.url, backendUrl: backend.url },
    ...{ system: login(system), retention: login(retention) },
  };
  const deps = await gcDeps(stores, places);
  const older = `- $1 * interval '1 millisecond'`;
  return {
    ...{ gateway, stores, deps, pusher, places, system: deps.registry },
    access: { url: gateway.url, basic: pusher.basic },
    age: async (ms) => {
      // One of its own: tests crash the server under the others.
      const client = new Client({ connectionString: database });
      await client.connect();
      for (const table of ['manifests', 'repository_tags']) {
        await client.query(
          `UPDATE ${table} SET pushed_at = pushed_at ${older}, last_pulled_at = last_pulled_at ${older}`,
          [ms],
        );
      }
      await client.query(
        `UPDATE pushes SET completed_at = completed_at ${older}, begun_at = begun_at ${older}`,
        [ms],
      );
      await client.end();
    },
    close: async () => {
      await gateway.stop();
      await stores.close();
    },
  };
}

export type Doomed = Pick<PlanItem, 'kind' | 'repository' | 'tag' | 'digest'>;

export const tagItem = (repository: string, tag: string, digest: Digest): Doomed => ({
  kind: 'tag',
  ...{ repository, tag, digest },
});

export const manifestItem = (repository: string, digest: Digest): Doomed => ({
  kind: 'manifest',
  ...{ repository, tag: null, digest },
});

/** A plan that deletes just this, in this order; no planner is asked. */
export function planOf(doomed: readonly Doomed[], madeAt = new Date().toISOString()): GcPlan {
  const items = doomed.map((one, ordinal): PlanItem => ({
    ...one,
    ordinal,
    rule: one.kind === 'tag' ? 'inactive' : 'unreferenced',
    evidence: {},
    bytes: 10,
  }));
  const id = sha256(Buffer.from(JSON.stringify([items, madeAt]))).slice('sha256:'.length);
  const deleteTags = items.filter(({ kind }) => kind === 'tag').length;
  return {
    id: `gc-${id.slice(0, 32)}`,
    repository: null,
    policyHash: sha256(Buffer.from('policy')),
    madeAt,
    expiresAt: new Date(Date.parse(madeAt) + 3_600_000).toISOString(),
    totals: {
      ...{ repositories: 1, manifests: items.length, tags: deleteTags, blobs: 0 },
      deleteTags,
      deleteManifests: items.length - deleteTags,
      ...{ freeBlobs: 0, freeBytes: 10 * items.length, orphanBlobs: 0, orphanBytes: 0 },
    },
    ...{ breaches: [], unknown: [], unknownCount: 0 },
    items,
  };
}
