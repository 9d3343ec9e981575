import { z } from 'zod';
import { NetworkPolicy } from '../../contract/schema/admission-network-policy';
import type { NetworkPolicies } from '../../ports/network-policies';
import { createKubeClient, type KubeClientOptions } from './kube-client';
import { unavailable } from './kube-errors';
import { PATHS } from './kube-paths';

const MAX_POLICIES = 500;

const NetworkPolicyList = z.object({
  metadata: z.object({ continue: z.string().optional() }).default({}),
  items: z.array(NetworkPolicy),
});

/** By the cluster's API (networking.k8s.io/v1). */
export function createKubernetesNetworkPolicies(options: KubeClientOptions): NetworkPolicies {
  const client = createKubeClient(options);
  return {
    list: async (namespace) => {
      const path = PATHS.networkPolicies(namespace);
      const query = { limit: `${MAX_POLICIES}` };
      const { metadata, items } = await client.list(path, query, NetworkPolicyList);
      // Policies add up: one that is not read may be the one that lets everything out.
      if (metadata.continue) {
        throw unavailable(`${namespace} has more than ${MAX_POLICIES} network policies`, null);
      }
      return items;
    },
  };
}
