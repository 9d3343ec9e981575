import { releaseWorkflowId, type ReleaseId } from '../contract/ids';
import type { ApiDependencies } from './dependencies';

/** Path of a release's status on this API. */
export function statusUrl(id: ReleaseId): string {
  return `/v1/registry/releases/${id}`;
}

export function webUiUrl(webUi: ApiDependencies['webUi'], id: ReleaseId): string {
  const workflow = encodeURIComponent(releaseWorkflowId(id));
  return `${webUi.url}/namespaces/${webUi.namespace}/workflows/${workflow}`;
}
