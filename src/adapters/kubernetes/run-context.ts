import type { Digest } from '../../domain/digest';
import type { Explain } from './explain';
import type { KubeClient, Manifest } from './kube-client';
import { PATHS } from './kube-paths';
import type { At } from './manifests';
import { LABELS, MANAGED_BY, MANAGER, runName, selectorText } from './names';
import type { KubernetesOptions } from './options';
import { Deployment, DeploymentList, Service, type Meta } from './schema';

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

const PAGE = 100;
/** A service has a handful of Deployments: more pages than these are somebody's mistake, and the rest waits for the next sweep. */
const MAX_PAGES = 5;

/** All Deployments of a service in an environment that are ours, a page at a time. */
export async function listRuns(
  { client, options }: RunContext,
  { svc, env }: At,
): Promise<readonly Deployment[]> {
  const labelSelector = selectorText({ [MANAGED_BY]: MANAGER, [LABELS.service]: svc });
  const path = PATHS.deployments(options.namespaces[env]);
  const runs: Deployment[] = [];
  let next = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const more: Record<string, string> = next === '' ? {} : { continue: next };
    const query = { labelSelector, limit: String(PAGE), ...more };
    const answer = await client.list(path, query, DeploymentList);
    runs.push(...answer.items);
    next = answer.metadata.continue;
    if (next === '') break;
  }
  return runs;
}

export function findDeployment(
  context: RunContext,
  at: At,
  digest: Digest,
): Promise<Deployment | null> {
  return context.client.find(deploymentPath(context, at, digest), Deployment);
}

export function findService(context: RunContext, at: At, digest: Digest): Promise<Service | null> {
  return context.client.find(servicePath(context, at, digest), Service);
}

/** The manifest as a compare-and-set on what was read. */
export function atVersion(manifest: Manifest, { resourceVersion }: Meta): Manifest {
  return { ...manifest, metadata: { ...(manifest['metadata'] as Manifest), resourceVersion } };
}
