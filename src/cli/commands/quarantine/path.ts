export function quarantinePath(digest: string, verb = ''): string {
  const path = `/v1/registry/quarantine/${encodeURIComponent(digest)}`;
  return verb === '' ? path : `${path}/${verb}`;
}
