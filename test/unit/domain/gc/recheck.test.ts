import type { PlanItem } from '../../../../src/domain/gc/plan';
import { recheckItem, type ItemFacts } from '../../../../src/domain/gc/recheck';
import type { RootReason } from '../../../../src/domain/gc/roots';
import { digestOf } from '../../../support/gc/sample-registry';

const PLANNED = Date.UTC(2026, 10, 30);
const OLD = PLANNED - 1;
const IMAGE = digestOf('image');
const OTHER = digestOf('other');

const MANIFEST: PlanItem = {
  ordinal: 1,
  kind: 'manifest',
  repository: 'apps/shop/web',
  tag: null,
  digest: IMAGE,
  rule: 'unreferenced',
  evidence: {},
  bytes: 10,
};
const TAG: PlanItem = { ...MANIFEST, ordinal: 0, kind: 'tag', tag: '1.0.0_3f2a91c', bytes: 0 };

const times = { pushedAtMs: OLD, lastPulledAtMs: null };
const SAME: ItemFacts = {
  plannedAtMs: PLANNED,
  tag: null,
  manifest: { ...times, pending: false },
  tags: [],
  parents: [],
  subjects: [],
  referrers: [],
  roots: [],
  unknown: [],
};
const SAME_TAG: ItemFacts = { ...SAME, tag: { ...times, digest: IMAGE } };
const referrer = { digest: OTHER, pushedAtMs: OLD, tagged: false };
const root = (reason: RootReason): Partial<ItemFacts> => ({
  roots: [{ digest: IMAGE, reason, detail: 'said so' }],
});

describe('the last look before a delete', () => {
  it('deletes what is as the plan saw it', () => {
    expect(recheckItem(TAG, SAME_TAG)).toEqual({ kind: 'delete' });
    expect(recheckItem(MANIFEST, SAME)).toEqual({ kind: 'delete' });
    expect(recheckItem(MANIFEST, { ...SAME, referrers: [referrer] })).toEqual({ kind: 'delete' });
  });

  it('deletes a tag whose digest has others, and evidence of an unknown time', () => {
    const referrers = [{ ...referrer, pushedAtMs: null }];
    const facts = { ...SAME_TAG, tags: ['other'], parents: [OTHER], subjects: [OTHER], referrers };

    expect(recheckItem(TAG, facts)).toEqual({ kind: 'delete' });
  });

  it.each<[string, Partial<ItemFacts>, string]>([
    ['is gone', { tag: null }, 'gone'],
    ['points elsewhere', { tag: { ...times, digest: OTHER } }, 'tag-moved'],
    ['was pushed again', { tag: { ...SAME_TAG.tag!, pushedAtMs: PLANNED } }, 'pushed'],
    ['was pulled', { tag: { ...SAME_TAG.tag!, lastPulledAtMs: PLANNED } }, 'pulled'],
    [
      'has its digest pulled',
      { manifest: { ...SAME.manifest!, lastPulledAtMs: PLANNED } },
      'pulled',
    ],
    ['is being pushed', { manifest: { ...SAME.manifest!, pending: true } }, 'pushed'],
    ['was signed', { referrers: [{ ...referrer, pushedAtMs: PLANNED }] }, 'new-referrer'],
    ['runs', root('live-workload'), 'new-root'],
    ['could not be asked about', { unknown: ['no answer'] }, 'unknown'],
  ])('keeps a tag that %s', (_, change, reason) => {
    expect(recheckItem(TAG, { ...SAME_TAG, ...change })).toMatchObject({ kind: 'skip', reason });
  });

  it.each<[string, Partial<ItemFacts>, string]>([
    ['is gone', { manifest: null }, 'gone'],
    ['has a tag', { tags: ['1.0.0_3f2a91c'] }, 'tagged'],
    ['an index names', { parents: [OTHER] }, 'in-index'],
    ['is attached to what is there', { subjects: [OTHER] }, 'subject-kept'],
    ['was pushed again', { manifest: { ...SAME.manifest!, pushedAtMs: PLANNED } }, 'pushed'],
    ['was pulled', { manifest: { ...SAME.manifest!, lastPulledAtMs: PLANNED + 1 } }, 'pulled'],
    ['was signed', { referrers: [{ ...referrer, pushedAtMs: PLANNED }] }, 'new-referrer'],
    [
      'has evidence of an unknown time',
      { referrers: [{ ...referrer, pushedAtMs: null }] },
      'new-referrer',
    ],
    ['has evidence under a tag', { referrers: [{ ...referrer, tagged: true }] }, 'new-referrer'],
    ['is held', root('hold'), 'hold'],
    ['is kept as WORM', root('worm-hold'), 'hold'],
    ['is leased', root('lease'), 'lease'],
    ['is evidence of a quarantine', root('quarantine-evidence'), 'quarantine-hold'],
    ['a channel points at', root('channel'), 'new-root'],
    ['could not be asked about', { unknown: ['no answer'] }, 'unknown'],
  ])('keeps a manifest that %s', (_, change, reason) => {
    expect(recheckItem(MANIFEST, { ...SAME, ...change })).toMatchObject({ kind: 'skip', reason });
  });

  it('keeps a fallback tag while its subject is there', () => {
    const item: PlanItem = { ...TAG, rule: 'orphaned-fallback-tag' };

    expect(recheckItem(item, { ...SAME_TAG, subjects: [OTHER] })).toMatchObject({
      kind: 'skip',
      reason: 'subject-kept',
    });
  });
});
