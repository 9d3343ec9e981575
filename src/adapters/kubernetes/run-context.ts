import type { Digest } from '../../domain/digest';
import type { Explain } from './explain';
import type { KubeClient, Manifest } from './kube-client';
import { PATHS } from './kube-paths';
import type { At } from './manifests';
import { LABELS, MANAGED_BY, MANAGER, runName, selectorText } from './names';
import type { KubernetesOptions } from './options';
import { DeploymentList, type Deployment, type Meta } from './schema';

export interface RunContext {
  readonly client: KubeClient;
  readonly options: KubernetesOptions;
  readonly explain: Explain;
}

export function deploymentPath({ options }: RunContext, { svc, env }: At, digest: Digest): string {
  return `${PATHS.deployments(options.namespaces[env])}/${runName(svc, digest)}`;
}

export function servicePath({ options }: RunContext, { svc, env }: At, digest: Digest): string {
  return `${PATHS.services(options.namespaces[env])}/${runName(svc, digest)}`;
}

/** All Deployments of a service in an environment that are ours. */
export async function listRuns(
  { client, options }: RunContext,
  { svc, env }: At,
): Promise<readonly Deployment[]> {
  const labelSelector = selectorText({ [MANAGED_BY]: MANAGER, [LABELS.service]: svc });
  const query = { labelSelector, limit: '100' };
  const path = PATHS.deployments(options.namespaces[env]);
  return (await client.list(path, query, DeploymentList)).items;
}

/** The manifest as a compare-and-set on what was read. */
export function atVersion(manifest: Manifest, { resourceVersion }: Meta): Manifest {
  return { ...manifest, metadata: { ...(manifest['metadata'] as Manifest), resourceVersion } };
}
