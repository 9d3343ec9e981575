const RESTRICTED = {
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};
const POD_CONTEXT = {
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
  appArmorProfile: { type: 'RuntimeDefault' },
};
const PROBE = { httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 };

/** The review of a new pod as an API server asks for it, by the standard guardrails without fault. */
export function rehearsalReview(image: string, namespace: string): string {
  const container = {
    name: 'web',
    image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'PORT', value: '8080' },
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    ],
    resources: {
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { cpu: '500m', memory: '64Mi' },
    },
    securityContext: RESTRICTED,
    livenessProbe: PROBE,
    readinessProbe: PROBE,
  };
  const metadata = {
    generateName: 'rehearsal-',
    namespace,
    labels: { app: 'rehearsal' },
    annotations: {
      'plura.reg/spiffe-id': `spiffe://cluster.local/ns/${namespace}/sa/rehearsal`,
      'plura.reg/mtls': 'strict',
    },
  };
  const spec = {
    securityContext: POD_CONTEXT,
    containers: [container],
    volumes: [{ name: 'scratch', emptyDir: {} }],
    restartPolicy: 'Always',
    serviceAccountName: 'rehearsal',
  };
  const request = {
    uid: 'rehearsal',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace,
    operation: 'CREATE',
    userInfo: { username: 'rehearsal', groups: [] },
    object: { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    oldObject: null,
    dryRun: true,
  };
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
}
