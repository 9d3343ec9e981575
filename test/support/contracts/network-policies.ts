import type { NetworkPolicies } from '../../../src/ports/network-policies';

export interface NetworkPoliciesUnderTest {
  /** `shop-prod` has the policy `out`, which keeps every pod in; `unreadable` can't be read. */
  readonly policies: NetworkPolicies;
  close(): Promise<void>;
}

/** What every source of NetworkPolicies must do. It is closed after each test. */
export function describeNetworkPolicies(
  name: string,
  open: () => Promise<NetworkPoliciesUnderTest>,
): void {
  describe(`network policies contract: ${name}`, () => {
    let under: NetworkPoliciesUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    it('lists those of the namespace', async () => {
      expect(await under.policies.list('shop-prod')).toEqual([
        {
          name: 'out',
          podSelector: { matchLabels: {}, matchExpressions: [] },
          limitsEgress: true,
          egress: [],
        },
      ]);
    });

    it('has none of a namespace without any', async () => {
      expect(await under.policies.list('empty')).toEqual([]);
    });

    it('says when it could not find out', async () => {
      await expect(under.policies.list('unreadable')).rejects.toMatchObject({
        code: 'ROLLOUT_UNAVAILABLE',
      });
    });
  });
}
