import { Agent, fetch as fetchBy } from 'undici';
import { backendAddress } from '../../contract/backend-address';
import { ReleaseError } from '../../contract/errors';
import type { Connection } from './dispatch';

function registryUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
    throw new ReleaseError(
      'INVALID_INPUT',
      'the registry URL must be http(s)://host[:port] or unix:///path',
      { details: { field: 'registry url', remedy: 'give credentials apart from the URL' } },
    );
  }
  return url;
}

/** @throws ReleaseError INVALID_INPUT */
export function connectionTo(url: string): Connection {
  if (!url.startsWith('unix:')) return { registry: registryUrl(url), fetch };
  const { origin, socketPath } = backendAddress(url);
  const dispatcher = new Agent({ connect: { socketPath } });
  return {
    registry: new URL(origin),
    fetch: async (url, init) => {
      const { body, status, headers } = await fetchBy(url, { ...(init as object), dispatcher });
      return new Response(body, { status, headers: [...headers] });
    },
  };
}
