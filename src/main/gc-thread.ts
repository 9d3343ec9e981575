import { parentPort, workerData } from 'node:worker_threads';
import { createLocalPlanner } from '../adapters/gc-planner/local-planner';
import { serveThread } from '../adapters/gc-planner/serve-thread';
import type { ThreadData } from '../adapters/gc-planner/thread-messages';
import { createPostgresInventorySource } from '../adapters/postgres/gc-inventory';
import { createPostgresRegistryStores } from '../adapters/postgres/registry-stores';

/** Entry point of a planner's thread (src/adapters/gc-planner). */
async function main(): Promise<void> {
  if (!parentPort) throw new Error('gc-thread is started as a thread of the release worker');
  const { job, connection } = workerData as ThreadData;
  const options = { connectionString: connection };
  const stores = createPostgresRegistryStores(options);
  const planner = createLocalPlanner({
    source: createPostgresInventorySource(options),
    roots: stores.gcRoots,
    plans: stores.gcPlans,
  });
  await serveThread(parentPort, planner, job);
  await stores.close();
}

// What it throws reaches the planner as the thread's error.
void main();
