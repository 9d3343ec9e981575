export const ROLLUPS = '/v1/registry/rollups';
export const OPT_OUTS = `${ROLLUPS}/opt-outs`;

export function rollupPath(id: string, verb = ''): string {
  return `${ROLLUPS}/${encodeURIComponent(id)}${verb === '' ? '' : `/${verb}`}`;
}
