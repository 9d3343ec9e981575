export const ADVISORIES = '/v1/registry/advisories';

export function advisoryPath(id: string, verb = ''): string {
  const path = `${ADVISORIES}/${encodeURIComponent(id)}`;
  return verb === '' ? path : `${path}/${verb}`;
}
