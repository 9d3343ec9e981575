import { NetworkPolicy } from '../../../../../src/contract/schema/admission-network-policy';
import type { GuardrailConfig } from '../../../../../src/domain/admission/guardrails/config';
import { DEFAULT_GUARDRAILS } from '../../../../../src/domain/admission/guardrails/defaults';
import { egressPolicy } from '../../../../../src/domain/admission/guardrails/egress-policy';
import type { Raw } from '../../../../support/guardrail-builders';
import { GOOD_FACTS, subjectWith } from '../../../../support/guardrail-subject';

const SETTINGS: GuardrailConfig = {
  ...DEFAULT_GUARDRAILS,
  egress: {
    allow: [
      ...DEFAULT_GUARDRAILS.egress.allow,
      { to: { cidrs: ['10.0.0.0/8', '2001:db8::/32'] }, ports: [{ protocol: 'TCP', port: 443 }] },
      {
        to: { namespace: { team: 'data' }, pods: { app: 'postgres' } },
        ports: [{ protocol: 'TCP', port: 5432, endPort: 5439 }],
      },
      { to: { namespace: {}, pods: { app: 'otel' } }, ports: [{ protocol: 'TCP', port: 'otlp' }] },
    ],
  },
};

function policy(egress: readonly Raw[], spec: Raw = {}): Raw {
  return {
    metadata: { name: 'web' },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress, ...spec },
  };
}

function messages(...policies: readonly Raw[]): readonly string[] {
  const networkPolicies = policies.map((one) => NetworkPolicy.parse(one));
  const subject = subjectWith({ facts: { ...GOOD_FACTS, networkPolicies } });
  return egressPolicy.judge(subject, SETTINGS).map(({ message }) => message);
}

const labels = (matchLabels: Raw): Raw => ({ matchLabels });
const tcp = (port?: number | string, more: Raw = {}): Raw => ({ protocol: 'TCP', port, ...more });
const DNS_PEER = {
  namespaceSelector: labels({ 'kubernetes.io/metadata.name': 'kube-system' }),
  podSelector: labels({ 'k8s-app': 'kube-dns' }),
};
const POSTGRES = {
  namespaceSelector: labels({ team: 'data' }),
  podSelector: labels({ app: 'postgres' }),
};

const BEYOND = ['NetworkPolicy web lets egress[0] go beyond the allow-list'];
const ANYWHERE = ['NetworkPolicy web lets egress[0] go anywhere'];

describe('the rule egress-policy', () => {
  it.each<[string, Raw]>([
    ['nothing at all', {}],
    ['DNS', { to: [DNS_PEER], ports: [{ protocol: 'UDP', port: 53 }, { port: 53 }] }],
    ['pods of its own namespace', { to: [{ podSelector: {} }] }],
    [
      'a network within one of the list',
      { to: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: [tcp(443)] },
    ],
    [
      'a network with a hole',
      { to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } }], ports: [tcp(443)] },
    ],
    ['a network of IPv6', { to: [{ ipBlock: { cidr: '2001:db8:1::/48' } }], ports: [tcp(443)] }],
    ['a port of a range', { to: [POSTGRES], ports: [tcp(5433)] }],
    ['a range within a range', { to: [POSTGRES], ports: [tcp(5433, { endPort: 5439 })] }],
    [
      'pods that are narrowed further',
      {
        to: [
          {
            namespaceSelector: { matchLabels: { team: 'data', tier: 'a' } },
            podSelector: {
              matchExpressions: [
                { key: 'app', operator: 'In', values: ['postgres'] },
                { key: 'canary', operator: 'DoesNotExist' },
              ],
            },
          },
        ],
        ports: [tcp(5432)],
      },
    ],
    [
      'a port by its name, in every namespace',
      {
        to: [{ namespaceSelector: {}, podSelector: labels({ app: 'otel' }) }],
        ports: [tcp('otlp')],
      },
    ],
  ])('takes a policy that lets out %s', (name, rule) => {
    expect(messages(policy(name === 'nothing at all' ? [] : [rule]))).toEqual([]);
  });

  it.each<[string, Raw, readonly string[]]>([
    ['everything', {}, ANYWHERE],
    ['any destination of a port', { ports: [tcp(443)] }, ANYWHERE],
    ['any destination, said by an empty list', { to: [], ports: [tcp(443)] }, ANYWHERE],
    ['the internet', { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [tcp(443)] }, BEYOND],
    ['all of IPv6', { to: [{ ipBlock: { cidr: '::/0' } }], ports: [tcp(443)] }, BEYOND],
    ['a network on all ports', { to: [{ ipBlock: { cidr: '10.1.0.0/16' } }] }, BEYOND],
    [
      'a network on another port',
      { to: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: [tcp(80)] },
      BEYOND,
    ],
    [
      'a network by another protocol',
      { to: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: [{ protocol: 'UDP', port: 443 }] },
      BEYOND,
    ],
    ['all ports of a protocol', { to: [POSTGRES], ports: [tcp()] }, BEYOND],
    ['a range beyond a range', { to: [POSTGRES], ports: [tcp(5433, { endPort: 5440 })] }, BEYOND],
    ['a port by its name where numbers are listed', { to: [POSTGRES], ports: [tcp('pg')] }, BEYOND],
    [
      'one allowed peer and another',
      { to: [POSTGRES, { ipBlock: { cidr: '10.1.0.0/16' } }], ports: [tcp(5432)] },
      BEYOND,
    ],
    [
      'every pod of a namespace',
      { to: [{ namespaceSelector: labels({ team: 'data' }) }], ports: [tcp(5432)] },
      BEYOND,
    ],
    ['every namespace', { to: [{ namespaceSelector: {} }] }, BEYOND],
    [
      'one pod or another',
      {
        to: [
          {
            namespaceSelector: labels({ team: 'data' }),
            podSelector: {
              matchExpressions: [{ key: 'app', operator: 'In', values: ['postgres', 'vault'] }],
            },
          },
        ],
        ports: [tcp(5432)],
      },
      BEYOND,
    ],
    ['a kind of peer that is not known', { to: [{ fqdn: 'example.org' }] }, BEYOND],
    [
      'a network that is none',
      { to: [{ ipBlock: { cidr: 'example.org' } }], ports: [tcp(443)] },
      BEYOND,
    ],
  ])('refuses a policy that lets out %s', (_name, rule, expected) => {
    expect(messages(policy([rule]))).toEqual(expected);
  });

  it.each<[string, Raw]>([
    ['is about other pods', { podSelector: labels({ app: 'other' }) }],
    [
      'is about pods without the label',
      { podSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] } },
    ],
    ['is about ingress', { policyTypes: ['Ingress'] }],
    [
      'does not say what it is about, and has no egress',
      { policyTypes: undefined, egress: undefined },
    ],
  ])('does not count a policy that %s', (_name, spec) => {
    expect(messages(policy([], spec))).toEqual(['no NetworkPolicy limits the egress of the pod']);
  });

  it.each<[string, Raw]>([
    ['by a label', labels({ app: 'web' })],
    [
      'by one of some labels',
      { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] },
    ],
    ['by any value', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }],
    [
      'by what it is not',
      { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] },
    ],
  ])('counts a policy that selects the pod %s', (_name, podSelector) => {
    expect(messages(policy([], { podSelector }))).toEqual([]);
  });

  it('counts a policy that has egress but does not say so', () => {
    const rule = { to: [{ podSelector: {} }] };

    expect(messages(policy([rule], { policyTypes: undefined }))).toEqual([]);
  });

  it('adds policies up: one that is tight does not make up for one that is open', () => {
    expect(messages(policy([]), policy([{}]))).toEqual(ANYWHERE);
  });

  it('refuses when nobody could say which policies there are', () => {
    const subject = subjectWith({ facts: { ...GOOD_FACTS, networkPolicies: null } });

    expect(egressPolicy.judge(subject, SETTINGS)).toEqual([
      {
        rule: 'egress-policy',
        pointer: '/metadata/labels',
        message: 'the NetworkPolicies of the namespace are not known',
      },
    ]);
  });
});
