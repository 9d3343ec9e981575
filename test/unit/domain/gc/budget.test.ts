import { retentionOf } from '../../../../src/domain/gc/retention';
import { SampleRegistry } from '../../../support/gc/sample-registry';

const WEB = 'apps/shop/web';
const { budget } = retentionOf({});

/** Four releases, of which three go. */
function releases(): SampleRegistry {
  const registry = new SampleRegistry();
  for (const [at, pushed] of [1.5, 20, 30, 40].entries()) {
    const tag = `1.${at}.0_3f2a91c`;
    registry.manifest(WEB, tag, { layers: [`layer ${at}`], pushed }).tag(WEB, tag, tag, { pushed });
  }
  return registry;
}

describe('the budget of a plan', () => {
  it('is kept by a plan within all limits', () => {
    const plan = releases().plan({
      budget: { ...budget, maxRepositoryShare: 0.75, protectLastReleases: 1 },
    });

    expect(plan.breaches).toEqual([]);
  });

  it('names each limit that a plan goes beyond', () => {
    const plan = releases().plan(
      { budget: { ...budget, maxItems: 5, maxBytes: 3029 } },
      { eventGapMs: budget.maxEventGapMs + 1 },
    );

    expect(plan.breaches).toEqual([
      expect.objectContaining({ rule: 'items', repository: null, found: 6, limit: 5 }),
      expect.objectContaining({ rule: 'bytes', repository: null, found: 3030, limit: 3029 }),
      expect.objectContaining({ rule: 'event-gap', repository: null }),
      {
        rule: 'repository-share',
        repository: WEB,
        found: 0.75,
        limit: 0.5,
        why: `It deletes 3 of the 4 manifests of ${WEB}, 75 %`,
      },
      {
        rule: 'last-releases',
        repository: WEB,
        found: 2,
        limit: 0,
        why: `It deletes 2 of the newest 3 releases of ${WEB}: 1.1.0_3f2a91c, 1.2.0_3f2a91c`,
      },
    ]);
  });

  it('does not take branches for releases', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'a')
      .manifest(WEB, 'branch')
      .tag(WEB, '1.0.0-x.1_3f2a91c', 'branch')
      .root('a');

    expect(registry.plan().breaches).toEqual([]);
  });

  it('is not kept by a plan that was made without a source', () => {
    const plan = releases().withoutSource('no answer from prod').plan();

    expect(plan.breaches).toEqual([
      {
        rule: 'sources',
        repository: null,
        found: 1,
        limit: 0,
        why: 'Nothing is planned: no answer from prod',
      },
    ]);
  });
});

describe('the id of a plan', () => {
  it('is the same when the same graph is asked twice', () => {
    const registry = releases();
    const { graph } = registry.question();

    expect(registry.plan({}, { graph })).toEqual(registry.plan({}, { graph }));
  });

  it('is another for another policy, time, scope or item', () => {
    const ids = [
      releases().plan(),
      releases().plan({}, { policyHash: 'sha256:1' }),
      releases().plan({}, { nowMs: Date.UTC(2026, 11, 1) }),
      releases().plan({}, { repository: WEB }),
      releases().manifest(WEB, 'loose').plan(),
    ].map(({ id }) => id);

    expect(new Set(ids).size).toBe(5);
    expect(releases().plan().id).toBe(ids[0]);
    expect(ids[0]).toMatch(/^gc-[0-9a-f]{32}$/);
  });
});
