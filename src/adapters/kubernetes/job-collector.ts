import { setTimeout as sleep } from 'node:timers/promises';
import { ReleaseError } from '../../contract/errors';
import type { CollectorRun, Reclaimer } from '../../ports/reclaimer';
import type { KubeClient, Manifest } from './kube-client';
import { JobAnswer, PodNames } from './job-schema';

export interface JobCollectorOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Of the registry, with its collector. */
  readonly image: string;
  /** PersistentVolumeClaim of the registry's storage, and where its configuration looks for it. */
  readonly claim: string;
  readonly storagePath: string;
  /** ConfigMap with the registry's `config.yml`. */
  readonly configMap: string;
  readonly pollMs?: number;
}

const NAME = 'plura-collector';
const LABELS = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/managed-by': 'plura-reg' };
const POLL_MS = 2000;
/** Until a killed pod is gone; its grace is none. */
const GONE_MS = 120_000;
const MAX_LOG_LINES = '100000';
const BLOB = /^blob eligible for deletion: /gm;

function failed(why: string): ReleaseError {
  return new ReleaseError('COLLECTOR_FAILED', `The Job ${NAME} ${why}`, {
    details: { remedy: `see its pod: kubectl logs -l app.kubernetes.io/name=${NAME}` },
  });
}

/** Runs once, not again, and not beyond its deadline, whoever still looks at it. */
function jobManifest(options: JobCollectorOptions, deadlineMs: number): Manifest {
  const { image, claim, storagePath, configMap } = options;
  const container = {
    name: 'collector',
    image,
    command: ['registry', 'garbage-collect', '/etc/plura-collector/config.yml'],
    env: [{ name: 'OTEL_TRACES_EXPORTER', value: 'none' }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'storage', mountPath: storagePath },
      { name: 'config', mountPath: '/etc/plura-collector', readOnly: true },
    ],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: NAME, labels: LABELS },
    spec: {
      activeDeadlineSeconds: Math.max(1, Math.floor(deadlineMs / 1000)),
      backoffLimit: 0,
      ttlSecondsAfterFinished: 86_400,
      template: {
        metadata: { labels: LABELS },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
          containers: [container],
          volumes: [
            { name: 'storage', persistentVolumeClaim: { claimName: claim } },
            { name: 'config', configMap: { name: configMap } },
          ],
        },
      },
    },
  };
}

/** distribution's collector as a Job beside the registry, on the volume of its storage. */
export function createJobCollector(options: JobCollectorOptions): Reclaimer {
  const { client, namespace, pollMs = POLL_MS } = options;
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const ours = { labelSelector: `app.kubernetes.io/name=${NAME}` };

  /** A pod may write as long as it is listed, also after its Job was deleted. */
  async function removeJob(): Promise<void> {
    const deadline = performance.now() + GONE_MS;
    for (;;) {
      // Asked for again: a Job that changed since it was read is not deleted (409).
      const job = await client.find(`${jobs}/${NAME}`, JobAnswer);
      if (job) await client.remove(`${jobs}/${NAME}`, job.metadata);
      const { items } = await client.list(pods, ours, PodNames);
      if (!job && items.length === 0) return;
      if (performance.now() > deadline) throw failed('was to be deleted, and is still there');
      await sleep(pollMs);
    }
  }

  async function countBlobs(): Promise<number> {
    const [pod] = (await client.list(pods, ours, PodNames)).items;
    if (!pod) return 0;
    const path = `${pods}/${pod.metadata.name}/log`;
    // Counted for people: the Job has done its work whether or not its log can be read.
    const log = await client.text(path, { tailLines: MAX_LOG_LINES }).catch(() => '');
    return log.match(BLOB)?.length ?? 0;
  }

  async function runToItsEnd({ deadlineMs, signal, note }: CollectorRun): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      await sleep(pollMs, undefined, { signal });
      // An API server that is away says nothing of the Job, which ends at its deadline.
      const job = await client.find(`${jobs}/${NAME}`, JobAnswer).catch(() => undefined);
      if (job === undefined && performance.now() < deadline) continue;
      if (!job) throw failed('was deleted by somebody else, or can not be seen');
      const { active = 0, succeeded = 0, failed: failures = 0 } = job.status ?? {};
      note(`the Job ${NAME} has ${active} pods`);
      if (succeeded > 0) return;
      if (failures > 0) throw failed('has failed');
    }
  }

  return {
    kind: 'offline',
    measure: () => Promise.resolve(null),
    stop: removeJob,
    collect: async (run) => {
      await removeJob();
      const created = await client.create(jobs, jobManifest(options, run.deadlineMs), JobAnswer);
      if (!created) throw failed('was made by somebody else');
      try {
        await runToItsEnd(run);
      } catch (error) {
        await removeJob();
        throw error;
      }
      return { blobs: await countBlobs() };
    },
  };
}
