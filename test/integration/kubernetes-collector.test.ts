import { createJobCollector } from '../../src/adapters/kubernetes/job-collector';
import { createKubeClient } from '../../src/adapters/kubernetes/kube-client';
import type { Reclaimer } from '../../src/ports/reclaimer';
import {
  startKubeServer,
  type KubeObject,
  type KubeServer,
} from '../support/kubernetes/kube-server';
import { eventually } from '../support/workflow-env';

jest.setTimeout(120_000);

const JOB = '/apis/batch/v1/namespaces/default/jobs/plura-collector';

let cluster: KubeServer;
let collector: Reclaimer;

beforeAll(async () => {
  cluster = await startKubeServer();
  collector = createJobCollector({
    client: createKubeClient({ access: cluster.admin, timeoutMs: 5000 }),
    ...{ namespace: 'default', image: 'registry:3', claim: 'registry', configMap: 'registry' },
    ...{ storagePath: '/var/lib/registry', pollMs: 50 },
  });
});

afterAll(async () => {
  await cluster.stop();
});

afterEach(async () => {
  await collector.stop();
});

const job = (): Promise<KubeObject> => cluster.call({ method: 'GET', path: JOB });

/** As the controller of Jobs does, which is not there. */
async function end(status: KubeObject): Promise<void> {
  await eventually(job);
  await cluster.call({
    method: 'PATCH',
    path: `${JOB}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { startTime: new Date().toISOString(), ...status } },
  });
}

const collect = (signal = new AbortController().signal): ReturnType<Reclaimer['collect']> =>
  collector.collect({ deadlineMs: 60_000, signal, note: () => undefined });

describe('a collector that is a Job', () => {
  it('runs once, on the storage of the registry, and not beyond its deadline', async () => {
    const ending = collect();

    const made = await eventually(job);
    await end({ succeeded: 1 });

    expect(await ending).toEqual({ blobs: 0 });
    expect(made).toMatchObject({
      spec: {
        activeDeadlineSeconds: 60,
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            volumes: [{ persistentVolumeClaim: { claimName: 'registry' } }, {}],
          },
        },
      },
    });
  });

  it('tells that it failed, and is gone then', async () => {
    const ending = collect().catch((error: unknown) => error);

    await end({ failed: 1 });

    expect(await ending).toMatchObject({ code: 'COLLECTOR_FAILED' });
    await expect(job()).rejects.toThrow();
  });

  it('is taken away with the signal', async () => {
    const abort = new AbortController();
    const ending = collect(abort.signal).catch(() => 'aborted');
    await eventually(job);

    abort.abort();

    expect(await ending).toBe('aborted');
    await expect(job()).rejects.toThrow();
  });

  it('is begun anew when an earlier one is still there', async () => {
    const container = { name: 'collector', image: 'registry:3' };
    await cluster.call({
      method: 'POST',
      path: '/apis/batch/v1/namespaces/default/jobs',
      contentType: 'application/json',
      body: {
        ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'plura-collector' } },
        spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
      },
    });
    const first = await job();
    const ending = collect();
    await eventually(async () => {
      expect(await job()).not.toMatchObject({ metadata: { uid: uidOf(first) } });
    });

    await end({ succeeded: 1 });

    expect(await ending).toEqual({ blobs: 0 });
  });
});

function uidOf(object: KubeObject): unknown {
  return (object['metadata'] as KubeObject)['uid'];
}
