export const GC = '/v1/registry/gc';
export const PLANS = `${GC}/plans`;

export function planPath(plan: string, verb = ''): string {
  return `${PLANS}/${encodeURIComponent(plan)}${verb === '' ? '' : `/${verb}`}`;
}

/** `?repo=…`, or nothing for all of the registry. */
export function repoQuery(repo: string | undefined): string {
  return repo === undefined ? '' : `?${new URLSearchParams({ repo }).toString()}`;
}
