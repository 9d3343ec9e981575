import type { GuardrailConfig, Mode, RuleId } from './config';

/** The same mode for every rule. */
export function everyRule(mode: Mode): Readonly<Record<RuleId, Mode>> {
  return {
    'requests-and-limits': mode,
    'read-only-root': mode,
    'run-as-non-root': mode,
    seccomp: mode,
    apparmor: mode,
    'no-privilege-escalation': mode,
    privileged: mode,
    capabilities: mode,
    'host-namespaces': mode,
    'egress-policy': mode,
    'spiffe-identity': mode,
    'mtls-mode': mode,
    'config-outside-image': mode,
  };
}

/**
 * What a cluster has to have first (SPIRE, a mesh, NetworkPolicies of each team) is warned of until it is there, since
 * otherwise nothing could be deployed, our own releases included. And a glob can be wrong about what a name means.
 */
const MODES: GuardrailConfig['modes'] = {
  ...everyRule('enforce'),
  'egress-policy': 'warn',
  'spiffe-identity': 'warn',
  'mtls-mode': 'warn',
  'config-outside-image': 'warn',
};

/** What a cluster needs to come up must not hang on us. */
const SYSTEM = ['kube-node-lease', 'kube-public', 'kube-system'];

/** The standard (docs/guardrails.md). */
export const DEFAULT_GUARDRAILS: GuardrailConfig = Object.freeze({
  modes: MODES,
  overrides: [{ namespaces: SYSTEM, modes: everyRule('off') }],
  capabilities: { add: ['NET_BIND_SERVICE'] },
  egress: {
    allow: [
      {
        to: {
          namespace: { 'kubernetes.io/metadata.name': 'kube-system' },
          pods: { 'k8s-app': 'kube-dns' },
        },
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
      { to: { namespace: 'same', pods: {} }, ports: [] },
    ],
  },
  spiffe: {
    trustDomains: ['cluster.local'],
    annotations: ['plura.reg/spiffe-id', 'spiffe.io/spiffe-id'],
    markers: [{ in: 'label', name: 'spiffe.io/spire-managed-identity', value: 'true' }],
    csiDrivers: ['csi.spiffe.io'],
  },
  mtls: { markers: [{ in: 'annotation', name: 'plura.reg/mtls', value: 'strict' }] },
  image: {
    forbiddenEnv: [
      '*_API_KEY',
      '*_DSN',
      '*_PASSWORD',
      '*_PRIVATE_KEY',
      '*_SECRET',
      '*_SECRET_KEY',
      '*_TOKEN',
      'DATABASE_URL',
      'FEATURE_*',
      'FLAG_*',
      'PASSWORD',
    ],
    forbiddenPaths: [
      '*/.env',
      '*/.env.*',
      '*/appsettings.*.json',
      '*/application-*.properties',
      '*/application-*.yaml',
      '*/application-*.yml',
      '*/feature-flags.*',
      '*/secrets.json',
      '*/secrets.yaml',
      '*/secrets.yml',
    ],
  },
} satisfies GuardrailConfig);
