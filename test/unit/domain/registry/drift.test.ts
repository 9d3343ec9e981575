import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Digest } from '../../../../src/domain/digest';
import {
  describeFinding,
  findDrift,
  isInShare,
  nameOf,
  planRepair,
  serviceOf,
  type Finding,
  type TagLook,
} from '../../../../src/domain/registry/drift';

const digestOf = (text: string): Digest =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;
const A = digestOf('a');
const B = digestOf('b');
const APP = 'apps/shop/shop';
const TAG = '1.0.0_abc1234';
const CHANNEL = 'channels/prod/shop';
const REFERRERS = A.replace(':', '-');

const look = (over: Partial<TagLook>): TagLook => ({
  repository: APP,
  tag: TAG,
  found: A,
  recorded: { digest: A, writeOnce: true },
  channel: null,
  ...over,
});
const recorded = (digest: Digest, writeOnce = true): TagLook['recorded'] => ({ digest, writeOnce });
const channelLook = (over: Partial<TagLook>): TagLook =>
  look({ repository: CHANNEL, tag: 'stable', recorded: recorded(A, false), ...over });

describe('findDrift', () => {
  it('finds nothing where registry and record agree, or neither has the tag', () => {
    expect(findDrift(look({}))).toBeNull();
    expect(findDrift(look({ found: null, recorded: null }))).toBeNull();
  });

  it.each([
    ['unknown-tag', look({ recorded: null })],
    ['moved-tag', look({ found: B })],
    ['gone-tag', look({ found: null })],
  ])('finds %s', (kind, seen) => {
    expect(findDrift(seen)).toMatchObject({ kind, repository: APP, tag: TAG });
  });

  it('asks the ledger first about a channel', () => {
    const ledger = { digest: A, moving: false };

    expect(findDrift(channelLook({ channel: ledger }))).toBeNull();
    expect(findDrift(channelLook({ channel: ledger, found: B }))).toMatchObject({
      kind: 'channel',
      found: B,
      ledger: A,
    });
    expect(findDrift(channelLook({ channel: ledger, found: null }))).toMatchObject({
      kind: 'channel',
      found: null,
    });
  });

  it('finds a channel tag where the ledger has none, and nothing amiss when it is gone', () => {
    const empty = { digest: null, moving: false };

    expect(findDrift(channelLook({ channel: empty }))).toMatchObject({
      kind: 'channel',
      ledger: null,
    });
    expect(findDrift(channelLook({ channel: empty, found: null }))).toMatchObject({
      kind: 'gone-tag',
    });
  });

  it('leaves a channel alone while a move of it is under way', () => {
    const states = fc.option(fc.constantFrom(A, B), { nil: null });

    fc.assert(
      fc.property(states, states, states, (digest, found, known) => {
        const channel = { digest, moving: true };
        const seen = channelLook({ channel, found, recorded: known && recorded(known, false) });
        expect(findDrift(seen)).toBeNull();
      }),
    );
  });

  it('records what the ledger agrees with and the gateway never saw', () => {
    const seen = channelLook({ channel: { digest: A, moving: false }, recorded: null });

    expect(findDrift(seen)).toMatchObject({ kind: 'unknown-tag' });
  });
});

describe('planRepair', () => {
  const plan = (seen: TagLook): ReturnType<typeof planRepair> => planRepair(findDrift(seen)!);

  it.each<[string, TagLook, ReturnType<typeof plan>['repair'], string | null, string | null]>([
    ['an unknown tag', look({ recorded: null }), 'record', 'around-gateway', null],
    ['a write-once tag that was overwritten', look({ found: B }), 'put-back', 'drift', 'critical'],
    [
      'a moving tag that was moved',
      look({ found: B, recorded: recorded(A, false) }),
      'record',
      'around-gateway',
      null,
    ],
    ['a write-once tag that is gone', look({ found: null }), 'forget', 'drift', 'critical'],
    [
      'a moving tag that is gone',
      look({ found: null, recorded: recorded(A, false) }),
      'forget',
      'drift',
      null,
    ],
    [
      'a channel that was moved',
      channelLook({ channel: { digest: A, moving: false }, found: B }),
      'put-back',
      'drift',
      'critical',
    ],
    [
      'a channel that is gone',
      channelLook({ channel: { digest: A, moving: false }, found: null }),
      'put-back',
      'drift',
      'critical',
    ],
    [
      'a channel that the ledger lacks',
      channelLook({ channel: { digest: null, moving: false } }),
      'record',
      'drift',
      'critical',
    ],
    [
      'a referrers index that changed',
      look({ tag: REFERRERS, found: B, recorded: recorded(A, false) }),
      'record',
      null,
      null,
    ],
    [
      'a referrers index that is new',
      look({ tag: REFERRERS, recorded: null }),
      'record',
      null,
      null,
    ],
    [
      'a referrers index that is gone',
      look({ tag: REFERRERS, found: null, recorded: recorded(A, false) }),
      'forget',
      null,
      null,
    ],
  ])('of %s', (_what, seen, repair, event, severity) => {
    expect(plan(seen)).toMatchObject({ repair, event, severity });
  });

  it('of a manifest that is gone', () => {
    expect(planRepair({ kind: 'gone-manifest', repository: APP, digest: A })).toMatchObject({
      repair: 'forget',
      severity: 'warning',
    });
  });

  it('never deletes anything in the registry, and puts back only what is on record', () => {
    const digests = fc.constantFrom(A, B);
    const seen = fc.record({
      repository: fc.constantFrom(APP, CHANNEL, 'charts/shop', 'bases/static', 'scratch/x'),
      tag: fc.constantFrom(TAG, 'stable', 'candidate', REFERRERS),
      found: fc.option(digests, { nil: null }),
      recorded: fc.option(fc.record({ digest: digests, writeOnce: fc.boolean() }), { nil: null }),
      channel: fc.option(
        fc.record({ digest: fc.option(digests, { nil: null }), moving: fc.boolean() }),
        { nil: null },
      ),
    });

    fc.assert(
      fc.property(seen, (one) => {
        const finding = findDrift(one);
        if (!finding) return;
        const { repair } = planRepair(finding);
        if (repair === 'put-back') {
          expect(one.channel?.digest ?? one.recorded?.digest).toBeDefined();
        }
        if (repair === 'forget') expect(one.found).toBeNull();
        if (repair === 'record') expect(one.found).not.toBeNull();
      }),
    );
  });
});

describe('what people read', () => {
  it.each<[Finding, string]>([
    [{ kind: 'unknown-tag', repository: APP, tag: TAG, found: A }, `${APP}:${TAG}`],
    [
      { kind: 'moved-tag', repository: APP, tag: TAG, found: B, recorded: A, writeOnce: true },
      `${APP}:${TAG}`,
    ],
    [
      { kind: 'moved-tag', repository: APP, tag: TAG, found: B, recorded: A, writeOnce: false },
      `${APP}:${TAG}`,
    ],
    [
      { kind: 'gone-tag', repository: APP, tag: TAG, recorded: A, writeOnce: true },
      `${APP}:${TAG}`,
    ],
    [{ kind: 'gone-manifest', repository: APP, digest: A }, `${APP}@${A}`],
    [
      { kind: 'channel', repository: CHANNEL, tag: 'stable', found: null, ledger: A },
      `${CHANNEL}:stable`,
    ],
  ])('names %p', (finding, name) => {
    expect(nameOf(finding)).toBe(name);
    expect(describeFinding(finding)).toMatch(/^\S.+\.$/);
    expect(describeFinding(finding)).toContain(name);
  });

  it('knows whose repository it is', () => {
    expect(serviceOf(APP)).toBe('shop');
    expect(serviceOf(CHANNEL)).toBe('shop');
    expect(serviceOf('scratch/x')).toBe('');
  });
});

describe('isInShare', () => {
  it('puts each manifest in exactly one share of a round', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(1e6),
        (text, shares, first) => {
          const runs = Array.from({ length: shares }, (_, run) => first + run);
          expect(runs.filter((run) => isInShare(digestOf(text), run, shares))).toHaveLength(1);
        },
      ),
    );
  });
});
