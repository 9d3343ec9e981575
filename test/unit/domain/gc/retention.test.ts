import { retentionOf, ruleOf } from '../../../../src/domain/gc/retention';
import type { ChannelName } from '../../../../src/domain/reference';
import { SampleRegistry } from '../../../support/gc/sample-registry';

const WEB = 'apps/shop/web';
const RELEASE = '1.0.0_3f2a91c';

const one = (): SampleRegistry =>
  new SampleRegistry().manifest(WEB, 'image').tag(WEB, RELEASE, 'image');

describe('retention', () => {
  it.each<[ChannelName, number, 'stays' | 'goes']>([
    ['prod:stable', 179.99, 'stays'],
    ['prod:stable', 180, 'goes'],
    ['prod:candidate', 29.99, 'stays'],
    ['prod:candidate', 30, 'goes'],
    ['stg:stable', 29.99, 'stays'],
    ['stg:candidate', 30, 'goes'],
    ['dev:stable', 13.99, 'stays'],
    ['dev:candidate', 14, 'goes'],
  ])('of what last was in %s %d days ago: %s', (channel, days, outcome) => {
    const registry = one().reach('image', channel, days);

    const items = registry.goes();

    expect(items).toEqual(outcome === 'goes' ? [RELEASE, 'image'] : []);
  });

  it('lets the longest-lasting environment of several keep it', () => {
    const registry = one().reach('image', 'prod:candidate', 40).reach('image', 'dev:stable', 10);

    expect(registry.goes()).toEqual([]);
  });

  it('tells the furthest environment, and until when something was kept', () => {
    const registry = one().reach('image', 'dev:stable', 100).reach('image', 'stg:stable', 110);

    const [tag] = registry.plan().items;

    expect(tag).toMatchObject({
      rule: 'window-passed',
      evidence: {
        reached: 'stg:stable',
        lastThereAt: '2026-08-12T00:00:00.000Z',
        keptUntil: '2026-09-11T00:00:00.000Z',
      },
    });
  });

  it.each([
    ['pushed long ago', {}, {}, true],
    ['tag pushed 6 days ago', { pushed: 6 }, {}, false],
    ['tag pulled 6 days ago', { pulled: 6 }, {}, false],
    ['manifest pulled 6 days ago', {}, { pulled: 6 }, false],
    ['pulled 7 days ago', { pulled: 7 }, { pulled: 7 }, true],
    ['tag pushed nobody knows when', { pushed: null }, {}, false],
    ['manifest pushed nobody knows when', {}, { pushed: null }, false],
    ['a push under way', {}, { pending: true }, false],
  ])('of what reached no environment: %s', (_, tag, manifest, goes) => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'image', manifest)
      .tag(WEB, RELEASE, 'image', tag);

    expect(registry.goes()).toEqual(goes ? [RELEASE, 'image'] : []);
  });

  it('lets no tag go that was pushed within the grace, whatever its digest reached', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'image')
      .tag(WEB, RELEASE, 'image', { pushed: 0.5 })
      .reach('image', 'dev:stable', 100);

    expect(registry.goes()).toEqual([]);
  });

  it.each([
    ['apps/shop/web', ['t', 'image', 'loose']],
    ['scratch/mine', ['t', 'image', 'loose']],
    ['charts/shop', ['loose']],
    ['channels/prod/shop', ['loose']],
    ['elsewhere/web', ['loose']],
    ['apps/odd', ['loose']],
    ['bases/go', []],
    ['mirror/trivy-db', []],
  ])('speaks in %s of %j', (repository, expected) => {
    const registry = new SampleRegistry()
      .manifest(repository, 'image')
      .manifest(repository, 'loose')
      .tag(repository, 't', 'image');

    expect([...registry.goes()].sort()).toEqual([...expected].sort());
  });

  it.each([
    [
      'the first that matches',
      [
        { match: 'apps/*', keepLast: 5 },
        { match: '*', keepLast: 9 },
      ],
      5,
    ],
    ['a name', [{ match: WEB, keepLast: 7 }], 7],
    ['none that matches', [{ match: 'apps/shop', keepLast: 7 }], 3],
  ])('takes of the repositories %s', (_, repositories, keepLast) => {
    const retention = { ...retentionOf({}), repositories };

    expect(ruleOf({ registry: { open: [] }, retention }, WEB).keepLast).toBe(keepLast);
  });

  it('changes only the windows that a repository names', () => {
    const repositories = [{ match: WEB, windows: { devMs: 1 } }];
    const { windows } = ruleOf(
      { registry: { open: [] }, retention: { ...retentionOf({}), repositories } },
      WEB,
    );

    expect(windows).toEqual({ ...retentionOf({}).windows, devMs: 1 });
  });

  it('never judges the tags of a channel', () => {
    const repositories = [{ match: '*', tags: 'judge' as const }];
    const registry = new SampleRegistry()
      .manifest('channels/dev/shop', 'image')
      .tag('channels/dev/shop', 'candidate', 'image');

    expect(registry.goes({ repositories })).toEqual([]);
  });

  it('keeps the newest releases of a repository, branches not counted', () => {
    const registry = new SampleRegistry();
    for (const [at, tag] of ['1.0.0_aaaaaaa', '1.1.0_aaaaaaa', '1.2.0_aaaaaaa'].entries()) {
      registry.manifest(WEB, tag).tag(WEB, tag, tag, { pushed: 100 - at });
    }
    registry.manifest(WEB, 'branch').tag(WEB, '1.3.0-x.1_aaaaaaa', 'branch', { pushed: 50 });

    const tags = registry.plan({ keepLast: 2 }).items.flatMap(({ tag }) => tag ?? []);

    expect(tags.sort()).toEqual(['1.0.0_aaaaaaa', '1.3.0-x.1_aaaaaaa']);
  });
});
