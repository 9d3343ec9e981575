export const ROBOTS = '/v1/registry/robots';

export function robotPath(name: string, verb = ''): string {
  return `${ROBOTS}/${encodeURIComponent(name)}${verb === '' ? '' : `/${verb}`}`;
}
