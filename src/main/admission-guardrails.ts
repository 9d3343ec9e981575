import { loadClusterAccess } from '../adapters/kubernetes/cluster-access';
import { createKubernetesNetworkPolicies } from '../adapters/kubernetes/network-policies';
import type { Workloads } from '../admission/dependencies';
import { createFactReader } from '../admission/guardrails/facts';
import { createImageConfigs } from '../admission/guardrails/image-configs';
import { keepPolicies } from '../admission/guardrails/kept-policies';
import { createWorkloads } from '../admission/guardrails/read-workloads';
import type { AdmissionConfig } from '../config/admission';
import { loadGuardrails } from '../config/guardrails-file';
import type { AdmissionSettings } from '../domain/admission/settings';
import type { NetworkPolicies } from '../ports/network-policies';
import type { Registry } from '../ports/registry';

interface GuardrailParts {
  readonly registry: Registry;
  readonly settings: AdmissionSettings;
  readonly now: () => Date;
}

async function connectCluster(
  { cluster }: AdmissionConfig,
  { settings, now }: GuardrailParts,
): Promise<NetworkPolicies | null> {
  if (cluster === null) return null;
  const access = await loadClusterAccess(cluster.kubeConfigFile);
  const source = createKubernetesNetworkPolicies({ access, timeoutMs: settings.dependencyMs });
  return keepPolicies(source, now);
}

/** Workloads by the guardrails of the file, with what stands beside a pod from cluster and registry. */
export async function joinGuardrails(
  config: AdmissionConfig,
  parts: GuardrailParts,
): Promise<Workloads> {
  const { registry, settings } = parts;
  return createWorkloads({
    guardrails: loadGuardrails(config.guardrailsFile),
    facts: createFactReader({
      networkPolicies: await connectCluster(config, parts),
      imageConfigs: createImageConfigs({ registry, registries: settings.registries }),
    }),
  });
}
