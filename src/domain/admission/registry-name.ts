import type { AdmissionFault } from './fault';

/**
 * Null for an image that comes from our registry.
 *
 * @param host as the image names it, in lower case; null for Docker Hub, as a node reads it
 * @param ours every name that our registry goes by
 */
export function judgeRegistryName(
  host: string | null,
  ours: readonly string[],
): AdmissionFault | null {
  if (host !== null && ours.includes(host)) return null;
  const said =
    host === null
      ? 'It names no registry, which means Docker Hub: write ours before it'
      : `The registry ${host} is not ours: write ours in its place`;
  return { rule: 'registry-name', message: `${said}: ${ours.join(' or ')}.` };
}
