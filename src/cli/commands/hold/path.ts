export const COPIES = '/v1/registry/incident-copies';

export function copyPath(id: string, verb = ''): string {
  const path = `${COPIES}/${encodeURIComponent(id)}`;
  return verb === '' ? path : `${path}/${verb}`;
}
