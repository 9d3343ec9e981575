/** Paths of the Kubernetes API. Names are DNS labels, so nothing in them needs an escape. */
export const PATHS = {
  deployments: (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  services: (namespace: string): string => `/api/v1/namespaces/${namespace}/services`,
  pods: (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`,
  events: (namespace: string): string => `/api/v1/namespaces/${namespace}/events`,
  routes: (namespace: string): string =>
    `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`,
  networkPolicies: (namespace: string): string =>
    `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
  argoRollouts: (namespace: string): string =>
    `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts`,
} as const;
