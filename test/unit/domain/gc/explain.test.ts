import { explainGc, type Explanation } from '../../../../src/domain/gc/explain';
import { digestOf, SampleRegistry } from '../../../support/gc/sample-registry';

const WEB = 'apps/shop/web';
const TAG = '1.0.0_3f2a91c';

function explain(registry: SampleRegistry, reference: string): Explanation {
  return explainGc(registry.question(), WEB, reference);
}

const whys = ({ chain }: Explanation): readonly string[] => chain.map(({ why }) => why);

describe('why something stays or goes', () => {
  it('leads from a root to it', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'amd64')
      .manifest(WEB, 'index', { children: ['amd64'] })
      .manifest(WEB, 'signature', { subject: 'index' })
      .root('amd64');

    const explanation = explain(registry, digestOf('signature'));

    expect(explanation.outcome).toBe('keep');
    expect(explanation.chain).toEqual([
      { tag: null, digest: digestOf('amd64'), why: 'live-workload: web in prod' },
      {
        tag: null,
        digest: digestOf('index'),
        why: 'it names the one before, which is in use',
      },
      { tag: null, digest: digestOf('signature'), why: 'it is attached to the one before' },
    ]);
  });

  it('leads from a tag over its index to a child', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'amd64')
      .manifest(WEB, 'index', { children: ['amd64'] })
      .tag(WEB, TAG, 'index')
      .reach('index', 'prod:stable', 100);

    expect(whys(explain(registry, digestOf('amd64')))).toEqual([
      `the tag ${TAG} stays: the window of an environment that it reached is still open (furthest: prod:stable, last there 2026-08-22T00:00:00.000Z)`,
      'the index before names it',
    ]);
  });

  it('says of a referrer in use that it keeps its subject', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'image')
      .manifest(WEB, 'signature', { subject: 'image', pushed: 0.5 });

    expect(whys(explain(registry, digestOf('image')))).toEqual([
      'it was pushed just now',
      'the one before is attached to it',
    ]);
  });

  it('gives rule, evidence and bytes of what goes', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'image', { layers: ['layer'] })
      .tag(WEB, TAG, 'image', { pulled: 20 });

    const explanation = explain(registry, TAG);

    expect(explanation).toMatchObject({
      outcome: 'delete',
      digest: digestOf('image'),
      chain: [],
      items: [
        {
          kind: 'tag',
          rule: 'inactive',
          evidence: {
            lastActivityAt: '2026-11-10T00:00:00.000Z',
            keptUntil: '2026-11-17T00:00:00.000Z',
          },
        },
        { kind: 'manifest', rule: 'unreferenced', bytes: 1010, evidence: { tags: 1 } },
      ],
    });
  });

  it('tells a tag that goes from its manifest that stays', () => {
    const registry = new SampleRegistry()
      .manifest(WEB, 'image')
      .tag(WEB, '1.0.0-x.1_3f2a91c', 'image')
      .tag(WEB, TAG, 'image', { pushed: 1.5 });

    const explanation = explain(registry, '1.0.0-x.1_3f2a91c');

    expect(explanation.outcome).toBe('delete');
    expect(explanation.items.map(({ kind }) => kind)).toEqual(['tag']);
    expect(whys(explanation)).toEqual([
      `the tag ${TAG} stays: it was pushed or pulled not long ago`,
    ]);
  });

  it.each([['2.0.0_3f2a91c'], [digestOf('another')]])('knows no %s', (reference) => {
    const registry = new SampleRegistry().manifest(WEB, 'image').tag(WEB, TAG, 'image');

    expect(explain(registry, reference).outcome).toBe('absent');
    expect(explainGc(registry.question(), 'apps/none/here', reference).outcome).toBe('absent');
  });
});
