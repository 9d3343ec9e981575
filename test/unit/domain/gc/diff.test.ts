import { diffGc } from '../../../../src/domain/gc/diff';
import { retentionOf, type GcPolicy } from '../../../../src/domain/gc/retention';
import { digestOf, SampleRegistry } from '../../../support/gc/sample-registry';

const WEB = 'apps/shop/web';
const DAY = 86_400_000;

function policyOf(inactiveDays: number, devDays: number): GcPolicy {
  const { windows, ...rest } = retentionOf({});
  const changed = { ...windows, inactiveMs: inactiveDays * DAY, devMs: devDays * DAY };
  return { registry: { open: [] }, retention: { ...rest, keepLast: 0, windows: changed } };
}

describe('what another policy would flip', () => {
  const registry = new SampleRegistry()
    .manifest(WEB, 'branch', { layers: ['own', 'shared'], pushed: 10 })
    .tag(WEB, '1.0.0-x.1_3f2a91c', 'branch', { pushed: 10 })
    .manifest(WEB, 'dev', { layers: ['shared'], pushed: 10 })
    .tag(WEB, '1.0.0_3f2a91c', 'dev', { pushed: 10 })
    .reach('dev', 'dev:stable', 10);
  const { graph, facts, nowMs } = registry.question();
  const base = { graph, facts, nowMs, repository: null, limit: 10 };

  it('tells both directions, with bytes that come free under one policy only', () => {
    const diff = diffGc({ ...base, before: policyOf(7, 14), after: policyOf(30, 7) });

    expect(diff.keeps).toEqual({
      tags: 1,
      manifests: 1,
      bytes: 1010,
      flips: [
        {
          kind: 'tag',
          repository: WEB,
          tag: '1.0.0-x.1_3f2a91c',
          digest: digestOf('branch'),
          rule: 'inactive',
        },
        {
          kind: 'manifest',
          repository: WEB,
          tag: null,
          digest: digestOf('branch'),
          rule: 'unreferenced',
        },
      ],
    });
    expect(diff.deletes).toMatchObject({ tags: 1, manifests: 1, bytes: 10 });
  });

  it('flips nothing where nothing changes', () => {
    const { deletes, keeps } = diffGc({ ...base, before: policyOf(7, 14), after: policyOf(7, 14) });

    const none = { tags: 0, manifests: 0, bytes: 0, flips: [] };
    expect([deletes, keeps]).toEqual([none, none]);
  });

  it('lists no more than asked for, and counts all', () => {
    const { deletes } = diffGc({
      ...base,
      limit: 1,
      before: policyOf(30, 30),
      after: policyOf(1, 1),
    });

    expect(deletes).toMatchObject({ tags: 2, manifests: 2, bytes: 2020 });
    expect(deletes.flips).toHaveLength(1);
  });

  it('looks at one repository alone when asked', () => {
    const diff = diffGc({
      ...base,
      repository: 'apps/other/web',
      before: policyOf(30, 30),
      after: policyOf(1, 1),
    });

    expect(diff.deletes).toMatchObject({ tags: 0, manifests: 0 });
  });
});
