import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { createCommandCollector } from '../../src/adapters/collector/command-collector';
import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { TASK_QUEUES } from '../../src/contract/queues';
import { gcDeps, type GcPlaces } from './gc-world';
import { loadWorkflowBundle } from './temporal';

/** What gc-worker.ts hands over in its environment. */
export interface GcWorkerInput {
  readonly address: string;
  readonly places: GcPlaces;
  readonly collector: readonly string[];
  readonly storageDir: string;
}

async function main(input: GcWorkerInput): Promise<void> {
  const { address, places, collector: command, storageDir } = input;
  const stores = createPostgresRegistryStores({ connectionString: places.database });
  const deps = {
    ...(await gcDeps(stores, places)),
    reclaimer: createCommandCollector({ command, storageDir }),
  };
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: TASK_QUEUES.release,
    workflowBundle: await loadWorkflowBundle(),
    activities: createActivities(deps),
    stickyQueueScheduleToStartTimeout: '1s',
    maxHeartbeatThrottleInterval: '1s',
  });
  process.stdout.write('ready\n');
  await worker.run();
}

main(JSON.parse(process.env['GC_WORKER'] ?? '') as GcWorkerInput).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
