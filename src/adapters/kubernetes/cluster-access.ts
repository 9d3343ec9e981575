import type { RequestOptions } from 'node:https';
import { ReleaseError } from '../../contract/errors';

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** TLS trust, client certificate, agent. */
  readonly connection: RequestOptions;
}

/** How the API server is reached. Credentials are asked for before each call: tokens are rotated. */
export interface ClusterAccess {
  /** `https://host:port`, a path behind it allowed. */
  readonly server: string;
  authorize(): Promise<Credentials>;
}

/**
 * From a kubeconfig file (its current context), or, without one, from the service account of the pod this runs in.
 * @throws ReleaseError INVALID_INPUT when there is neither.
 */
export async function loadClusterAccess(kubeConfigFile: string | null): Promise<ClusterAccess> {
  // Two thousand generated models come with it: only those who use Kubernetes load them.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const where = kubeConfigFile ?? 'the service account of this pod';
  try {
    if (kubeConfigFile === null) {
      config.loadFromCluster();
    } else {
      config.loadFromFile(kubeConfigFile);
    }
  } catch (error) {
    throw unusable(where, error);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server)) {
    throw unusable(where, server);
  }
  return {
    server: server.replace(/\/+$/, ''),
    authorize: async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      const { headers, ...connection } = options;
      const texts = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
      return { headers: Object.fromEntries(texts) as Record<string, string>, connection };
    },
  };
}

function unusable(where: string, cause: unknown): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `no cluster can be read from ${where}`, {
    cause,
    details: {
      remedy: 'Set PLURA_KUBECONFIG to a kubeconfig with a current context, or run in a pod.',
    },
  });
}
