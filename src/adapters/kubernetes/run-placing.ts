import type { RolloutWrite } from '../../ports/rollout';
import { runDrift, serviceDrift } from './drift';
import { compareAndSet, epochOf, refuseDrift, refuseIfFenced, type Direction } from './fencing';
import type { Manifest } from './kube-client';
import { PATHS } from './kube-paths';
import { deploymentManifest, serviceManifest, type RunInput } from './manifests';
import { ANNOTATIONS } from './names';
import type { KubernetesOptions } from './options';
import { assertOurs } from './ownership';
import { atVersion, deploymentPath, servicePath, type RunContext } from './run-context';
import { Deployment, Service, Written, type Meta, type Placed } from './schema';

export interface RunRequest {
  readonly write: RolloutWrite;
  readonly placed: Placed;
  readonly track: string;
  readonly readyTimeoutMs: number;
  readonly direction: Direction;
}

/**
 * Makes Deployment and Service of a digest as ordered. Throws ROLLOUT_FAILED for what is not ours, and for drift where it
 * goes forward; FENCED.
 */
export async function ensureRun(context: RunContext, request: RunRequest): Promise<void> {
  const { write, placed } = request;
  await compareAndSet(deploymentPath(context, write, placed.digest), () =>
    placeDeployment(context, request),
  );
  await compareAndSet(servicePath(context, write, placed.digest), () =>
    placeService(context, request),
  );
}

/** True once it is as ordered; null when somebody wrote it meanwhile. */
async function placeDeployment(context: RunContext, request: RunRequest): Promise<true | null> {
  const { client, options } = context;
  const { write, placed } = request;
  const path = deploymentPath(context, write, placed.digest);
  const run = inputOf(context, request);
  const found = await client.find(path, Deployment);
  if (!found) {
    const folder = PATHS.deployments(options.namespaces[write.env]);
    return (await client.create(folder, deploymentManifest(run, options), Written)) && true;
  }
  checkFound('Deployment', found.metadata, request);
  const drift = runDrift(found, placed, options.registryHost);
  settleDrift(drift, request, options.onNotice);
  const body = revisionOf(found, run, drift !== null, options);
  return body ? (await client.patch(path, body.kind, body.manifest, Written)) && true : true;
}

async function placeService(context: RunContext, request: RunRequest): Promise<true | null> {
  const { client, options } = context;
  const { write, placed } = request;
  const path = servicePath(context, write, placed.digest);
  const run = inputOf(context, request);
  const found = await client.find(path, Service);
  if (!found) {
    const folder = PATHS.services(options.namespaces[write.env]);
    return (await client.create(folder, serviceManifest(run), Written)) && true;
  }
  checkFound('Service', found.metadata, request);
  const drift = serviceDrift(write.svc, found, placed);
  settleDrift(drift, request, options.onNotice);
  const body = atVersion(serviceManifest(run), found.metadata);
  return drift === null ? true : (await client.patch(path, 'apply', body, Written)) && true;
}

function inputOf({ options }: RunContext, request: RunRequest): RunInput {
  const { write, placed, track, readyTimeoutMs } = request;
  const { replicas } = options;
  return { at: write, placed, track, readyTimeoutMs, epoch: write.epoch, replicas };
}

function checkFound(kind: string, metadata: Meta, { write }: RunRequest): void {
  assertOurs(kind, metadata, write.svc);
  refuseIfFenced(write, epochOf(metadata));
}

function settleDrift(
  drift: string | null,
  { write, direction }: RunRequest,
  onNotice: KubernetesOptions['onNotice'],
): void {
  if (drift === null) {
    return;
  }
  if (direction === 'forward') {
    throw refuseDrift(drift);
  }
  onNotice(`put right: ${drift}`, write);
}

interface Revision {
  readonly kind: 'apply' | 'merge' | 'strategic';
  readonly manifest: Manifest;
}

/**
 * How a Deployment that is there becomes as ordered; null = it is. Its pods are left alone where they can be: settings of
 * this adapter that changed meanwhile restart nothing that serves.
 */
function revisionOf(
  { metadata, spec }: Deployment,
  run: RunInput,
  drifted: boolean,
  options: KubernetesOptions,
): Revision | null {
  const probe = spec.template.spec.containers[0]?.readinessProbe?.httpGet?.path;
  if (drifted || spec.replicas === 0 || probe !== run.placed.healthPath) {
    const replicas = spec.replicas === 0 ? run.replicas : spec.replicas;
    const manifest = deploymentManifest({ ...run, replicas }, options);
    return drifted
      ? { kind: 'strategic', manifest: atVersion(withWholeTemplate(manifest), metadata) }
      : { kind: 'apply', manifest: atVersion(manifest, metadata) };
  }
  if (epochOf(metadata) === run.epoch) {
    return null;
  }
  const annotations = { [ANNOTATIONS.epoch]: String(run.epoch) };
  return { kind: 'merge', manifest: atVersion({ metadata: { annotations } }, metadata) };
}

/** What somebody added to the pods is no field of ours: applied, it would stay. */
function withWholeTemplate(manifest: Manifest): Manifest {
  const { template, ...spec } = manifest['spec'] as { readonly template: Manifest };
  return { ...manifest, spec: { ...spec, template: { $patch: 'replace', ...template } } };
}
