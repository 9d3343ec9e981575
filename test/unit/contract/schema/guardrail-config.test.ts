import { GuardrailsFile } from '../../../../src/contract/schema/guardrail-config';
import {
  DEFAULT_GUARDRAILS,
  everyRule,
} from '../../../../src/domain/admission/guardrails/defaults';
import { modesOf } from '../../../../src/domain/admission/guardrails/modes';

const API = { apiVersion: 'plura.reg/guardrails/v1' };

/** Path and message of the first fault. */
function faultOf(over: object): string {
  const issue = GuardrailsFile.safeParse({ ...API, ...over }).error?.issues[0];
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'none';
}

describe('a file of guardrails', () => {
  it('that says nothing is the standard', () => {
    expect(GuardrailsFile.parse(API)).toEqual(DEFAULT_GUARDRAILS);
  });

  it('gives all rules a mode, and one rule another', () => {
    const { modes } = GuardrailsFile.parse({ ...API, modes: { '*': 'audit', seccomp: 'enforce' } });

    expect(modes).toEqual({ ...everyRule('audit'), seccomp: 'enforce' });
  });

  it('names single rules over the standard', () => {
    const { modes } = GuardrailsFile.parse({ ...API, modes: { apparmor: 'off' } });

    expect(modes).toEqual({ ...DEFAULT_GUARDRAILS.modes, apparmor: 'off' });
  });

  it('adds namespaces to those of the system, and may be stricter about these', () => {
    const config = GuardrailsFile.parse({
      ...API,
      namespaces: [
        { namespaces: ['team-*'], modes: { '*': 'warn' } },
        { namespaces: ['kube-public'], modes: { privileged: 'enforce' } },
      ],
    });

    expect(modesOf(config, 'seccomp')('team-a')).toBe('warn');
    expect(modesOf(config, 'seccomp')('kube-system')).toBe('off');
    expect(modesOf(config, 'privileged')('kube-public')).toBe('enforce');
    expect(modesOf(config, 'seccomp')('kube-public')).toBe('off');
  });

  it('lists where pods may send to', () => {
    const { egress } = GuardrailsFile.parse({
      ...API,
      egress: {
        allow: [
          { cidrs: ['10.0.0.0/8'], ports: [{ port: 443 }] },
          { namespace: 'same' },
          {
            namespace: { team: 'data' },
            pods: { app: 'db' },
            ports: [{ port: 5432, endPort: 5439 }],
          },
        ],
      },
    });

    expect(egress.allow).toEqual([
      { to: { cidrs: ['10.0.0.0/8'] }, ports: [{ protocol: 'TCP', port: 443 }] },
      { to: { namespace: 'same', pods: {} }, ports: [] },
      {
        to: { namespace: { team: 'data' }, pods: { app: 'db' } },
        ports: [{ protocol: 'TCP', port: 5432, endPort: 5439 }],
      },
    ]);
  });

  it('replaces what it names, and keeps the rest of the standard', () => {
    const config = GuardrailsFile.parse({
      ...API,
      capabilities: { add: [] },
      spiffe: { trustDomains: ['prod.example.org'] },
    });

    expect(config).toEqual({
      ...DEFAULT_GUARDRAILS,
      capabilities: { add: [] },
      spiffe: { ...DEFAULT_GUARDRAILS.spiffe, trustDomains: ['prod.example.org'] },
    });
  });

  it.each<[string, object]>([
    ['modes.seccomp', { modes: { seccomp: 'deny' } }],
    ['namespaces.0.namespaces.0', { namespaces: [{ namespaces: ['Team'], modes: {} }] }],
    ['namespaces.0.modes', { namespaces: [{ namespaces: ['team'] }] }],
    ['egress.allow.0.cidrs.0', { egress: { allow: [{ cidrs: ['10.0.0.0'] }] } }],
    [
      'egress.allow.0.ports.0.port',
      { egress: { allow: [{ namespace: 'same', ports: [{ port: 0 }] }] } },
    ],
    [
      'egress.allow.0.ports.0.endPort',
      { egress: { allow: [{ namespace: 'same', ports: [{ port: 9, endPort: 8 }] }] } },
    ],
    ['egress.allow.0', { egress: { allow: [{ namespace: 'same', cidrs: ['10.0.0.0/8'] }] } }],
    ['egress.allow.0', { egress: { allow: [{ pods: {} }] } }],
    ['spiffe.trustDomains.0', { spiffe: { trustDomains: ['spiffe://example.org'] } }],
    ['mtls.markers', { mtls: { markers: [] } }],
    ['mtls.markers.0.in', { mtls: { markers: [{ in: 'env', name: 'a', value: 'b' }] } }],
  ])('is refused at %s', (path, over) => {
    expect(faultOf(over)).toMatch(new RegExp(`^${path}: .`));
  });

  it.each<[string, object]>([
    ['rules', { rules: {} }],
    ['secomp', { modes: { secomp: 'warn' } }],
  ])('is refused for the key %s, which is not known', (key, over) => {
    expect(faultOf(over)).toContain(`Unrecognized key: "${key}"`);
  });
});
