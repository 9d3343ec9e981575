import { rm } from 'node:fs/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities, type Deps } from '../../activities';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { localMetricNames } from '../../src/adapters/prometheus/local-metric-names';
import { createPrometheusMetricsSource } from '../../src/adapters/prometheus/prometheus-metrics-source';
import { METRIC_PRESETS } from '../../src/domain/metric-presets';
import { TASK_QUEUES } from '../../src/contract/queues';
import { keepHeapsTight, workerTuning } from '../../src/main/worker-tuning';
import { createFakeDeps } from '../support/fake-deps';
import { FleetWorkerSettings, type FleetMessage } from './fleet-messages';

function tell(message: FleetMessage): void {
  process.send?.(message);
}

/**
 * One release worker of the product: its bundle, its activities, its tuning, the real ledger and the real metrics.
 * What is done before and after the observation (build, scan, signatures, registry, containers) is in memory.
 */
async function main(): Promise<void> {
  // What the fakes keep is small pieces for ever: each would keep the whole slab that it was cut from.
  Buffer.poolSize = 0;
  keepHeapsTight();
  const settings = FleetWorkerSettings.parse(JSON.parse(process.env['FLEET_WORKER'] ?? '{}'));
  const ledger = createPostgresLedger({ connectionString: settings.database });
  const fakes = await createFakeDeps();
  const { rollout } = fakes;
  const deps: Deps = {
    ...fakes,
    ledger,
    metrics: createPrometheusMetricsSource({
      url: settings.prometheus,
      scrapeIntervalMs: settings.scrapeIntervalMs,
      timeoutMs: 10_000,
      definition: METRIC_PRESETS.router,
      namesOf: localMetricNames,
    }),
    rollout: {
      ...rollout,
      startCandidate: async (write, image, healthPath, readyTimeoutMs) => {
        const state = await rollout.startCandidate(write, image, healthPath, readyTimeoutMs);
        // The first release of a service takes all traffic at once, as on the real target.
        if (write.env === 'prod') tell({ kind: 'serving', svc: write.svc, digest: image.digest });
        return state;
      },
    },
  };
  const connection = await NativeConnection.connect({ address: settings.temporal });
  try {
    const worker = await Worker.create({
      connection,
      taskQueue: TASK_QUEUES.release,
      workflowBundle: { codePath: settings.bundle },
      activities: createActivities(deps),
      ...workerTuning('release', settings.maxActivities),
    });
    // The bench is gone: nobody is left to work for.
    process.once('disconnect', () => {
      worker.shutdown();
    });
    tell({ kind: 'ready' });
    await worker.run();
  } finally {
    await connection.close();
    await ledger.close();
    await rm(fakes.sourceRoot, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`fleet worker: ${error instanceof Error ? String(error.stack) : ''}\n`);
  process.exitCode = 1;
});
