export const EXCEPTIONS = '/v1/registry/exceptions';

export function exceptionPath(id: string): string {
  return `${EXCEPTIONS}/${encodeURIComponent(id)}`;
}
