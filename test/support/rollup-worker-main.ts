import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { ReleaseError } from '../../src/contract/errors';
import { TASK_QUEUES } from '../../src/contract/queues';
import { pinsOf } from '../../src/domain/bases/pins';
import { createRebuildLanes } from '../../src/main/rebuild-lanes';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import type { Builder } from '../../src/ports/builder';
import type { Rollout } from '../../src/ports/rollout';
import { testPolicy, testService, withoutWindows } from './builders';
import { createFakeDeps, type FakeDeps } from './fake-deps';
import { fakeProvenance } from './fakes/builder';
import { createFakeRollout } from './fakes/rollout';
import { pushImage } from './registry-push';
import { loadWorkflowBundle } from './temporal';

/** What rollup-worker.ts hands over in its environment. */
export interface RollupWorkerInput {
  readonly address: string;
  readonly database: string;
  readonly registryUrl: string;
  readonly services: readonly string[];
  /** Builds of these fail. */
  readonly broken: readonly string[];
}

/** Pushes a tiny image to the real registry, instead of an hour of compilers. */
function createQuickBuilder({ registryUrl: url, broken }: RollupWorkerInput): Builder {
  return {
    build: async (input) => {
      const { repository, labels } = input;
      const svc = repository.split('/')[1] ?? '';
      if (broken.includes(svc)) throw new ReleaseError('BUILD_FAILED', 'no such package');
      const layers = [Buffer.from('newer base'), Buffer.from(svc)];
      const provenance = fakeProvenance(input);
      const image = { repository, labels, layers, provenance, user: '65532:65532' };
      // BuildKit pushes without a tag; a client of the protocol names the digest.
      const { digest } = await pushImage({ url, basic: '' }, image, 'quick-build');
      return { digest };
    },
    ping: () => Promise.resolve(),
  };
}

/** A target outlives a worker; this one forgets with it, so it starts what it is asked about. */
function createForgetfulRollout(): Rollout {
  const rollout = createFakeRollout();
  return {
    startCandidate: (...args) => rollout.startCandidate(...args),
    makeStable: (...args) => rollout.makeStable(...args),
    withdrawCandidate: (write) => rollout.withdrawCandidate(write),
    clearStable: (write) => rollout.clearStable(write),
    getState: (svc, env) => rollout.getState(svc, env),
    setCandidatePercent: async (write, candidate, percent) => {
      const { svc, env } = write;
      if ((await rollout.getState(svc, env)).candidate !== candidate) {
        const image = { repository: `apps/${svc}/${svc}`, digest: candidate };
        await rollout.startCandidate(write, image, '/healthz', 1_000);
      }
      return rollout.setCandidatePercent(write, candidate, percent);
    },
    trackUrl: (svc, env) => Promise.resolve(`http://127.0.0.1:9/${svc}/${env}`),
  };
}

async function main(input: RollupWorkerInput): Promise<void> {
  const { address, database: connectionString, services } = input;
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const policy = withoutWindows(testPolicy());
  const stores = createPostgresRegistryStores({ connectionString });
  const orchestrator = createOrchestrator({
    client,
    deadlineMs: 20_000,
    rollbackDeadlineMs: 1_000,
  });
  const { rollups, freezes, quarantine, allowList, baseCatalogue } = stores;
  const deps = {
    ...(await createFakeDeps({ services: services.map(testService), policy })),
    ...{ rollups, freezes, quarantine, allowList, baseCatalogue },
    readBases: async () => pinsOf(await baseCatalogue.list(), {}),
    ledger: createPostgresLedger({ connectionString }),
    registry: createOciRegistry({ url: input.registryUrl }),
    builder: createQuickBuilder(input),
    rollout: createForgetfulRollout(),
    rebuildLanes: createRebuildLanes(orchestrator, policy),
  } as unknown as FakeDeps;
  const workflowBundle = await loadWorkflowBundle();
  const workers = await Promise.all(
    Object.values(TASK_QUEUES).map((taskQueue) =>
      Worker.create({
        ...{ connection, taskQueue, workflowBundle, activities: createActivities(deps) },
        stickyQueueScheduleToStartTimeout: '2s',
        maxHeartbeatThrottleInterval: '1s',
      }),
    ),
  );
  process.stdout.write('ready\n');
  await Promise.all(workers.map((worker) => worker.run()));
}

main(JSON.parse(process.env['ROLLUP_WORKER'] ?? '') as RollupWorkerInput).catch(
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
