import { requestFor } from '../support/admission-pods';
import { goodContainer, goodMetadata, goodSpec, type Raw } from '../support/guardrail-builders';

/** Where prod:stable may run, by the shipped policy. */
const NAMESPACE = 'shop-prod';

/** The account's token, as the API server mounts it into every pod. */
const TOKEN_VOLUME = {
  name: 'kube-api-access-x7kqz',
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      {
        configMap: {
          name: 'kube-root-ca.crt',
          items: [{ key: 'ca.crt', path: 'ca.crt' }],
        },
      },
      {
        downwardAPI: {
          items: [
            {
              path: 'namespace',
              fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
            },
          ],
        },
      },
    ],
  },
};

function containerOf(image: string): Raw {
  const probe = { httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 };
  const timing = { timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 };
  return goodContainer({
    image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'PORT', value: '8080' },
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
      { name: 'DATABASE', valueFrom: { secretKeyRef: { name: 'checkout', key: 'url' } } },
    ],
    livenessProbe: { ...probe, ...timing },
    readinessProbe: { ...probe, ...timing },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    volumeMounts: [
      { name: TOKEN_VOLUME.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io' },
    ],
  });
}

/** A pod of one container as the API server sends it: with its defaults, its owner and its token. */
function podOf(image: string): Raw {
  const spec = goodSpec({
    containers: [containerOf(image)],
    volumes: [TOKEN_VOLUME],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'web',
    schedulerName: 'default-scheduler',
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    enableServiceLinks: true,
    tolerations: ['not-ready', 'unreachable'].map((state) => ({
      key: `node.kubernetes.io/${state}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
  });
  const metadata = goodMetadata({
    generateName: 'web-6d4b75cb6d-',
    namespace: NAMESPACE,
    labels: { app: 'web', 'pod-template-hash': '6d4b75cb6d' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web-6d4b75cb6d',
        uid: '8d3d1f64-7c3c-4a3b-b0a5-6f3c6f1a2b3c',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  });
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, status: {} };
}

/** The request by which the API server has a new pod of this image reviewed, as it goes over the line. */
export function reviewRequest(image: string, port: number): Buffer {
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: requestFor(podOf(image), { namespace: NAMESPACE }),
  };
  const body = Buffer.from(JSON.stringify(review));
  const head = [
    'POST /validate?timeout=10s HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from([...head, '', ''].join('\r\n')), body]);
}
