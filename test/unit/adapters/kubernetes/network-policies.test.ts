import { createKubernetesNetworkPolicies } from '../../../../src/adapters/kubernetes/network-policies';
import { ReleaseError } from '../../../../src/contract/errors';
import type { NetworkPolicies } from '../../../../src/ports/network-policies';
import { describeNetworkPolicies } from '../../../support/contracts/network-policies';
import { createFakeNetworkPolicies } from '../../../support/fakes/network-policies';
import { startHttpScript, type Handler, type HttpScript } from '../../../support/http-script';

const OUT = { metadata: { name: 'out' }, spec: { podSelector: {}, policyTypes: ['Egress'] } };

const answering =
  (answers: Readonly<Record<string, readonly [status: number, body: object]>>): Handler =>
  ({ path }, response) => {
    const namespace = path.split('/')[5] ?? '';
    const [status, body] = answers[namespace] ?? [200, { items: [] }];
    response.writeHead(status).end(JSON.stringify(body));
  };

function policiesOf(script: HttpScript): NetworkPolicies {
  return createKubernetesNetworkPolicies({
    access: {
      server: script.url,
      authorize: () => Promise.resolve({ headers: {}, connection: {} }),
    },
    timeoutMs: 2_000,
  });
}

describeNetworkPolicies('kubernetes', async () => {
  const script = await startHttpScript(
    answering({ 'shop-prod': [200, { items: [OUT] }], unreadable: [500, {}] }),
  );
  return { policies: policiesOf(script), close: () => script.stop() };
});

describeNetworkPolicies('fake', () => {
  const fake = createFakeNetworkPolicies();
  const out = {
    name: 'out',
    podSelector: { matchLabels: {}, matchExpressions: [] },
    limitsEgress: true,
    egress: [],
  };
  fake.policies.set('shop-prod', [out]);
  return Promise.resolve({
    policies: {
      list: (namespace) =>
        namespace === 'unreadable'
          ? Promise.reject(new ReleaseError('ROLLOUT_UNAVAILABLE', 'down'))
          : fake.list(namespace),
    },
    close: () => Promise.resolve(),
  });
});

it('does not take a part for the whole', async () => {
  const script = await startHttpScript(
    answering({ many: [200, { metadata: { continue: 'next' }, items: [OUT] }] }),
  );

  await expect(policiesOf(script).list('many')).rejects.toMatchObject({
    code: 'ROLLOUT_UNAVAILABLE',
  });
  expect(script.seen[0]?.path).toBe(
    '/apis/networking.k8s.io/v1/namespaces/many/networkpolicies?limit=500',
  );
  await script.stop();
});
