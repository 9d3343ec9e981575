export const FREEZES = '/v1/registry/freezes';

export function freezePath(name: string, verb = ''): string {
  const path = `${FREEZES}/${encodeURIComponent(name)}`;
  return verb === '' ? path : `${path}/${verb}`;
}
