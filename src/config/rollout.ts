import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import { ENVIRONMENTS, type Environment } from '../domain/reference';
import { countsByPosition } from '../domain/metric-source';
import { ENVIRONMENT, readEnvironment } from './environment';
import { readMetricsConfig } from './metrics';

const DEFAULT_HEADER = 'x-plura-version';

type PerEnvironment = Readonly<Record<Environment, string>>;

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 9110, "Field Names", in lower case as proxies show them. */
const HEADER = /^[a-z0-9-]{1,64}$/;
/** apimachinery, resource.Quantity, the usual forms. */
const QUANTITY = /^\d{1,9}(?:\.\d{1,3})?(?:m|k|M|G|Ki|Mi|Gi)?$/;

/** `dev=a,stg=b,prod=c`. */
const EachEnvironment = z.string().transform((text, context): PerEnvironment => {
  const pairs = text.split(',').map((pair) => {
    const [env = '', ...value] = pair.split('=');
    return [env.trim(), value.join('=').trim()] as const;
  });
  const [dev, stg, prod] = ENVIRONMENTS.map((env) => pairs.find(([key]) => key === env)?.[1]);
  if (pairs.length !== ENVIRONMENTS.length || !dev || !stg || !prod) {
    context.addIssue('must be dev=...,stg=...,prod=...');
    return z.NEVER;
  }
  return { dev, stg, prod };
});

const Namespaces = EachEnvironment.refine(
  (names) => Object.values(names).every((name) => NAME.test(name)),
  'must name namespaces: dev=...,stg=...,prod=...',
).refine(
  (names) => new Set(Object.values(names)).size === ENVIRONMENTS.length,
  'must name a namespace of its own for each environment',
);

const ServiceUrls = EachEnvironment.refine(
  (urls) => Object.values(urls).every(isServiceUrl),
  'must be http(s) URLs without a path, with {svc} in the host: dev=https://{svc}.dev.example.com,...',
);

function isServiceUrl(text: string): boolean {
  const filled = text.replaceAll('{svc}', 'svc');
  if (!/^https?:\/\/[^/]*\{svc\}/.test(text) || !URL.canParse(filled)) {
    return false;
  }
  const url = new URL(filled);
  return url.pathname === '/' && url.search === '' && url.username === '';
}

const ServiceTemplate = z
  .string()
  .refine(
    (text) => NAME.test(text.replaceAll('{svc}', 'svc')),
    'must name a Service, e.g. {svc}-stable',
  )
  .refine((text) => text.includes('{svc}'), 'must hold {svc}');

const Gateway = z
  .string()
  .regex(/^[a-z0-9-]{1,63}\/[a-z0-9.-]{1,253}$/, 'must be namespace/name')
  .transform((text) => {
    const [namespace = '', name = ''] = text.split('/');
    return { namespace, name };
  });

const RolloutEnvironment = z.object({
  PLURA_STATE_DIR: ENVIRONMENT.PLURA_STATE_DIR,
  PLURA_REGISTRY_URL: ENVIRONMENT.PLURA_REGISTRY_URL,
  /** Where images run and traffic is split. */
  PLURA_ROLLOUT: z.enum(['runc', 'kubernetes', 'argo']).default('runc'),
  PLURA_TARGET_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** File with the bearer token of the local rollout target. Default: {state dir}/target/token. */
  PLURA_TARGET_TOKEN_FILE: z.string().min(1).optional(),
  /** kubeconfig file; without it the service account of the pod. */
  PLURA_KUBECONFIG: z.string().min(1).optional(),
  PLURA_KUBERNETES_NAMESPACES: Namespaces.prefault('dev=dev,stg=stg,prod=prod'),
  PLURA_KUBERNETES_URLS: ServiceUrls.optional(),
  /** `host[:port]` by which nodes pull; default: that of PLURA_REGISTRY_URL. */
  PLURA_KUBERNETES_REGISTRY: z
    .string()
    .regex(/^[a-z0-9.-]+(?::\d{1,5})?$/, 'must be host[:port]')
    .optional(),
  PLURA_KUBERNETES_GATEWAY: Gateway.optional(),
  /** How long the gateway may take to take a changed route over; 0 does not wait. */
  PLURA_KUBERNETES_GATEWAY_TIMEOUT_MS: z.coerce.number().int().min(0).max(120_000).default(15_000),
  PLURA_KUBERNETES_REPLICAS: z.coerce.number().int().min(1).max(1000).default(2),
  /** Former stables that keep running without traffic. */
  PLURA_KUBERNETES_WARM: z.coerce.number().int().min(0).max(5).default(1),
  /** What containers listen on, given to them as PORT. */
  PLURA_KUBERNETES_PORT: z.coerce.number().int().min(1).max(65_535).default(8080),
  /** Requested for each container. */
  PLURA_KUBERNETES_CPU: z.string().regex(QUANTITY).default('100m'),
  /** Limit of each container. */
  PLURA_KUBERNETES_CPU_LIMIT: z.string().regex(QUANTITY).default('1'),
  /** Requested for each container, and its limit. */
  PLURA_KUBERNETES_MEMORY: z.string().regex(QUANTITY).default('256Mi'),
  /** AppArmor profile of the pods; `none` where nodes have no AppArmor. */
  PLURA_KUBERNETES_APPARMOR: z.enum(['RuntimeDefault', 'none']).default('RuntimeDefault'),
  /** Secret with the registry login, in each namespace. */
  PLURA_KUBERNETES_PULL_SECRET: z.string().regex(NAME).optional(),
  /** Request header that holds the version (12 digits of the digest); `none` sets none. */
  PLURA_KUBERNETES_VERSION_HEADER: z.string().regex(HEADER).optional(),
  /** Container whose image is set; default: the first. */
  PLURA_ARGO_CONTAINER: z.string().regex(NAME).optional(),
  PLURA_ARGO_SERVICE_PORT: z.coerce.number().int().min(1).max(65_535).default(80),
  /** The Rollout's Services, by which metrics tell versions apart. */
  PLURA_ARGO_STABLE_SERVICE: ServiceTemplate.default('{svc}-stable'),
  PLURA_ARGO_CANARY_SERVICE: ServiceTemplate.default('{svc}-canary'),
  PLURA_ARGO_MIN_SCALE_PERCENT: z.coerce.number().int().min(1).max(100).default(25),
});

interface ClusterConfig {
  readonly kubeConfigFile: string | null;
  readonly namespaces: PerEnvironment;
  readonly urls: PerEnvironment;
  readonly registryHost: string;
}

export type RolloutConfig =
  | { readonly kind: 'runc'; readonly url: string; readonly tokenFile: string }
  | (ClusterConfig & {
      readonly kind: 'kubernetes';
      readonly gateway: { readonly namespace: string; readonly name: string };
      readonly gatewayTimeoutMs: number;
      readonly replicas: number;
      readonly maxWarm: number;
      readonly port: number;
      readonly resources: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly appArmorProfile: 'RuntimeDefault' | null;
      readonly imagePullSecret: string | null;
      readonly versionHeader: string | null;
    })
  | (ClusterConfig & {
      readonly kind: 'argo';
      readonly container: string | null;
      readonly services: Readonly<Record<'stable' | 'candidate', string>>;
      readonly servicePort: number;
      readonly minScalePercent: number;
    });

type RolloutVariables = z.output<typeof RolloutEnvironment>;

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readRolloutConfig(environment: NodeJS.ProcessEnv = process.env): RolloutConfig {
  const env = readEnvironment(RolloutEnvironment, environment);
  switch (env.PLURA_ROLLOUT) {
    case 'runc':
      return {
        kind: 'runc',
        url: needed(env, 'PLURA_TARGET_URL'),
        tokenFile: path.resolve(
          env.PLURA_TARGET_TOKEN_FILE ?? path.join(env.PLURA_STATE_DIR, 'target', 'token'),
        ),
      };
    case 'kubernetes':
      return {
        kind: 'kubernetes',
        ...clusterOf(env),
        gateway: needed(env, 'PLURA_KUBERNETES_GATEWAY'),
        gatewayTimeoutMs: env.PLURA_KUBERNETES_GATEWAY_TIMEOUT_MS,
        replicas: env.PLURA_KUBERNETES_REPLICAS,
        maxWarm: env.PLURA_KUBERNETES_WARM,
        port: env.PLURA_KUBERNETES_PORT,
        resources: {
          requests: { cpu: env.PLURA_KUBERNETES_CPU, memory: env.PLURA_KUBERNETES_MEMORY },
          limits: { cpu: env.PLURA_KUBERNETES_CPU_LIMIT, memory: env.PLURA_KUBERNETES_MEMORY },
        },
        appArmorProfile:
          env.PLURA_KUBERNETES_APPARMOR === 'none' ? null : env.PLURA_KUBERNETES_APPARMOR,
        imagePullSecret: env.PLURA_KUBERNETES_PULL_SECRET ?? null,
        versionHeader: versionHeaderOf(env, environment),
      };
    case 'argo':
      return {
        kind: 'argo',
        ...clusterOf(env),
        container: env.PLURA_ARGO_CONTAINER ?? null,
        services: {
          stable: env.PLURA_ARGO_STABLE_SERVICE,
          candidate: env.PLURA_ARGO_CANARY_SERVICE,
        },
        servicePort: env.PLURA_ARGO_SERVICE_PORT,
        minScalePercent: env.PLURA_ARGO_MIN_SCALE_PERCENT,
      };
  }
}

/** Envoy Gateway counts backends apart only where they have a filter. */
function versionHeaderOf(
  { PLURA_KUBERNETES_VERSION_HEADER: header }: RolloutVariables,
  environment: NodeJS.ProcessEnv,
): string | null {
  const metrics = environment['PLURA_METRICS'];
  const isByPosition =
    (metrics === 'envoy-gateway' || metrics === 'custom') &&
    countsByPosition(readMetricsConfig(environment));
  if (!isByPosition) return header === undefined || header === 'none' ? null : header;
  if (header !== 'none') return header ?? DEFAULT_HEADER;
  const field = 'PLURA_KUBERNETES_VERSION_HEADER';
  throw new ReleaseError(
    'INVALID_INPUT',
    `${field}: PLURA_METRICS=${metrics} tells versions by {{position}} and needs one, or Envoy Gateway counts candidate and stable as one`,
    { details: { field, remedy: `leave ${field} out, or name a header` } },
  );
}

function clusterOf(env: RolloutVariables): ClusterConfig {
  return {
    kubeConfigFile: env.PLURA_KUBECONFIG === undefined ? null : path.resolve(env.PLURA_KUBECONFIG),
    namespaces: env.PLURA_KUBERNETES_NAMESPACES,
    urls: needed(env, 'PLURA_KUBERNETES_URLS'),
    registryHost: env.PLURA_KUBERNETES_REGISTRY ?? new URL(env.PLURA_REGISTRY_URL).host,
  };
}

function needed<K extends keyof RolloutVariables>(
  env: RolloutVariables,
  field: K,
): NonNullable<RolloutVariables[K]> {
  const value = env[field];
  if (value === undefined) {
    throw new ReleaseError(
      'INVALID_INPUT',
      `${field}: is needed with PLURA_ROLLOUT=${env.PLURA_ROLLOUT}`,
      { details: { field, remedy: `set ${field} to a value that fits (docs/configuration.md)` } },
    );
  }
  return value;
}
