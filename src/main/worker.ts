import path from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { pino } from 'pino';
import { createActivities } from '../../activities';
import { readWorkerConfig, type WorkerConfig } from '../config/worker';
import { TASK_QUEUES } from '../contract/queues';
import { createWorkerDependencies } from './worker-dependencies';

type Role = keyof typeof TASK_QUEUES;

function parseRole(text: string | undefined): Role {
  if (text === 'release' || text === 'control') return text;
  throw new Error('usage: worker release|control');
}

/** The control worker is small and quick to be missed: a dead one costs a rollback two seconds, not ten. */
function tuning(role: Role, config: WorkerConfig): Partial<WorkerOptions> {
  return role === 'control'
    ? {
        maxCachedWorkflows: 500,
        stickyQueueScheduleToStartTimeout: '2s',
        shutdownGraceTime: '5s',
        shutdownForceTime: '10s',
      }
    : {
        maxConcurrentActivityTaskExecutions: config.maxActivities,
        maxCachedWorkflows: 1000,
        stickyQueueScheduleToStartTimeout: '5s',
        shutdownGraceTime: '10s',
        shutdownForceTime: '20s',
      };
}

async function main(): Promise<void> {
  const role = parseRole(process.argv[2]);
  const config = readWorkerConfig();
  const logger = pino({ name: `plura-worker-${role}`, level: config.logLevel });
  const { deps, ledger } = await createWorkerDependencies(config, logger);
  const connection = await NativeConnection.connect({ address: config.temporal.address });
  try {
    const worker = await Worker.create({
      connection,
      namespace: config.temporal.namespace,
      taskQueue: TASK_QUEUES[role],
      workflowBundle: { codePath: path.join(__dirname, '../../workflow-bundle.js') },
      activities: createActivities(deps),
      ...tuning(role, config),
    });
    logger.info({ taskQueue: TASK_QUEUES[role] }, 'worker ready');
    await worker.run();
  } finally {
    await connection.close();
    await ledger.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
