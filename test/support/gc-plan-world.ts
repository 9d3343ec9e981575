import { join } from 'node:path';
import { createThreadPlanner } from '../../src/adapters/gc-planner/thread-planner';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import type { Digest } from '../../src/domain/digest';
import { retentionOf, type RetentionPolicy } from '../../src/domain/gc/retention';
import type { FakeDeps } from './fake-deps';
import { LABELS } from './fuzz/artifact';
import { openGcWorld, type GcWorld } from './gc-world';
import type { PostgresServer } from './postgres-server';
import { pushImage } from './registry-push';
import type { RegistryServer } from './registry-server';
import type { OpenStores } from './registry-stores';

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
  /** What activities get: real plans, made in a real thread from real Postgres, and run on the real registry. */
  readonly deps: FakeDeps;
  /** Pushes a release of the shop as a pipeline does. */
  readonly release: (number: number) => Promise<{ readonly tag: string; readonly digest: Digest }>;
  /** Lets all that was pushed be so much older. */
  readonly age: GcWorld['age'];
  readonly close: () => Promise<void>;
}

const THREAD_ENTRY = {
  entry: join(__dirname, '../../src/main/gc-thread.ts'),
  execArgv: ['--require', join(__dirname, 'typescript-hook.cjs')],
};

function pusherOf({ access }: GcWorld): GcPlanWorld['release'] {
  return async (number) => {
    const tag = `1.0.${number}_abcdef123456`;
    const labels = { ...LABELS, 'org.opencontainers.image.version': `1.0.${number}` };
    const layers = [Buffer.from(`layer of ${number}`)];
    const image = { repository: SHOP_REPOSITORY, labels, layers, index: true };
    return { tag, digest: (await pushImage(access, image, tag)).digest };
  };
}

export async function openGcPlanWorld(
  postgres: PostgresServer,
  backend: RegistryServer,
): Promise<GcPlanWorld> {
  const world = await openGcWorld(postgres, backend);
  const { stores, age } = world;
  const ledger = createPostgresLedger({ connectionString: stores.connectionString });
  const gcPlanner = createThreadPlanner({ ...THREAD_ENTRY, connection: stores.connectionString });
  const { rescans } = stores;
  return {
    ...{ stores, ledger, age },
    deps: { ...world.deps, ledger, rescans, gcPlanner } as unknown as FakeDeps,
    release: pusherOf(world),
    close: async () => {
      await Promise.all([world.close(), ledger.close()]);
    },
  };
}
