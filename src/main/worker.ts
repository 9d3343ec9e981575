import path from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createActivities } from '../../activities';
import { readWorkerConfig } from '../config/worker';
import { TASK_QUEUES } from '../contract/queues';
import { createWorkerDependencies } from './worker-dependencies';
import { makeSchedules } from './worker-schedules';
import { keepHeapsTight, workerTuning, type WorkerRole } from './worker-tuning';

function parseRole(text: string | undefined): WorkerRole {
  if (text === 'release' || text === 'control') return text;
  throw new Error('usage: worker release|control');
}

/** Slots, queue latency and failed tasks of this worker (Temporal SDK metrics). */
function serveMetrics(port: number): void {
  const bindAddress = `127.0.0.1:${port}`;
  Runtime.install({ telemetryOptions: { metrics: { prometheus: { bindAddress } } } });
}

async function main(): Promise<void> {
  const role = parseRole(process.argv[2]);
  if (role === 'release') keepHeapsTight();
  const config = readWorkerConfig();
  const logger = pino({ name: `plura-worker-${role}`, level: config.logLevel });
  if (config.metricsPort !== null) serveMetrics(config.metricsPort);
  const connection = await NativeConnection.connect({ address: config.temporal.address });
  const client = new Client({ connection, namespace: config.temporal.namespace });
  const { deps, verdictMaxAgeMs, ledger, stores } = await createWorkerDependencies(
    config,
    client,
    logger,
  );
  try {
    const worker = await Worker.create({
      connection,
      namespace: config.temporal.namespace,
      taskQueue: TASK_QUEUES[role],
      workflowBundle: { codePath: path.join(__dirname, '../../workflow-bundle.js') },
      activities: createActivities(deps),
      ...workerTuning(role, config.maxActivities),
    });
    const { policy } = deps;
    await makeSchedules(client, role, { config, policy, verdictMaxAgeMs, logger });
    // Whatever the log level: the local stack waits for this line.
    logger.child({}, { level: 'info' }).info({ taskQueue: TASK_QUEUES[role] }, 'worker ready');
    await worker.run();
  } finally {
    await connection.close();
    await Promise.all([ledger.close(), stores.close()]);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
