import { join } from 'node:path';
import { createThreadPlanner } from '../../src/adapters/gc-planner/thread-planner';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import type { Digest } from '../../src/domain/digest';
import { retentionOf, type RetentionPolicy } from '../../src/domain/gc/retention';
import { createFakeDeps, type FakeDeps } from './fake-deps';
import { LABELS } from './fuzz/artifact';
import { startGatewayProcess, type GatewayProcess } from './gateway-process';
import type { PostgresServer } from './postgres-server';
import { pushImage, type RegistryAccess } from './registry-push';
import type { RegistryServer } from './registry-server';
import { openStores, type OpenStores } from './registry-stores';

export const SHOP_REPOSITORY = 'apps/shop/shop';
export const DAY_MS = 86_400_000;

/** No floor and no budget: what goes is what no rule keeps. */
export const STRICT_RETENTION: RetentionPolicy = {
  ...retentionOf({}),
  keepLast: 0,
  budget: {
    ...retentionOf({}).budget,
    maxRepositoryShare: 1,
    protectLastReleases: 0,
  },
};

export interface GcPlanWorld {
  readonly stores: OpenStores;
  readonly ledger: PostgresLedger;
  /** What activities get: real plans, made in a real thread from real Postgres; fakes for the rest. */
  readonly deps: FakeDeps;
  /** Pushes a release of the shop as a pipeline does. */
  readonly release: (number: number) => Promise<{ readonly tag: string; readonly digest: Digest }>;
  /** Lets all that was pushed be so much older. */
  readonly age: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const THREAD_ENTRY = {
  entry: join(__dirname, '../../src/main/gc-thread.ts'),
  execArgv: ['--require', join(__dirname, 'typescript-hook.cjs')],
};

async function joinDeps(stores: OpenStores, ledger: PostgresLedger): Promise<FakeDeps> {
  const planner = createThreadPlanner({ ...THREAD_ENTRY, connection: stores.connectionString });
  const { gcPlans, rescans } = stores;
  const fake = await createFakeDeps();
  return { ...fake, ledger, gcPlans, rescans, gcPlanner: planner } as unknown as FakeDeps;
}

function pusherOf(access: RegistryAccess): GcPlanWorld['release'] {
  return async (number) => {
    const tag = `1.0.${number}_abcdef123456`;
    const labels = { ...LABELS, 'org.opencontainers.image.version': `1.0.${number}` };
    const layers = [Buffer.from(`layer of ${number}`)];
    const image = { repository: SHOP_REPOSITORY, labels, layers, index: true };
    return { tag, digest: (await pushImage(access, image, tag)).digest };
  };
}

async function accessOf(gateway: GatewayProcess): Promise<RegistryAccess> {
  const scope = { repositories: '**', actions: ['pull', 'push'] } as const;
  const { basic } = await gateway.createRobot({ kind: 'robot', scopes: [scope] });
  return { url: gateway.url, basic };
}

export async function openGcPlanWorld(
  postgres: PostgresServer,
  backend: RegistryServer,
): Promise<GcPlanWorld> {
  const database = await postgres.freshDatabase();
  const gateway = await startGatewayProcess({ backendUrl: backend.url, database });
  const stores = await openStores(database);
  const ledger = createPostgresLedger({ connectionString: database });
  return {
    ...{ stores, ledger },
    deps: await joinDeps(stores, ledger),
    release: pusherOf(await accessOf(gateway)),
    age: async (ms) => {
      for (const table of ['manifests', 'repository_tags']) {
        await stores.client.query(
          `UPDATE ${table} SET pushed_at = pushed_at - $1 * interval '1 millisecond'`,
          [ms],
        );
      }
    },
    close: async () => {
      await gateway.stop();
      await Promise.all([stores.close(), ledger.close()]);
    },
  };
}
