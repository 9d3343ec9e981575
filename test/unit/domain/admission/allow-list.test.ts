import { refusalsOf, type AllowDecision } from '../../../../src/domain/admission/allow-list';
import { allowListOf } from '../../../../src/domain/admission/allow-policy';
import type { ChannelName } from '../../../../src/domain/reference';
import {
  ALLOWED_DIGEST as DIGEST,
  ALLOWED_REPOSITORY as REPOSITORY,
  BAD,
  daysFromNow,
  GRANT,
  HOLD,
  judge,
  pastPin,
  pinOf,
  QUARANTINE,
} from '../../../support/allow-facts';
import { fakeDigest, NOW } from '../../../support/api-fixtures';
import { denialOf } from '../../../support/contracts/allow-list';

function kindsOf({ reasons }: Pick<AllowDecision, 'reasons'>): readonly string[] {
  return reasons.map(({ kind }) => kind);
}

describe('a channel', () => {
  const rule: readonly (readonly [ChannelName, string, boolean])[] = [
    ['prod:stable', 'prod', true],
    ['prod:stable', 'stg', true],
    ['prod:stable', 'dev', true],
    ['prod:candidate', 'prod', true],
    ['prod:candidate', 'stg', false],
    ['stg:stable', 'prod', false],
    ['stg:stable', 'stg', true],
    ['stg:stable', 'dev', true],
    ['stg:candidate', 'prod', false],
    ['stg:candidate', 'stg', true],
    ['stg:candidate', 'dev', false],
    ['dev:candidate', 'dev', true],
    ['dev:candidate', 'stg', false],
    ['dev:stable', 'prod', false],
  ];

  it.each(rule)('%s lets in to %s: %s', (channel, namespace, expected) => {
    const decision = judge({ pins: [pinOf({ channel })] }, { query: { namespace } });

    expect(decision.allowed).toBe(expected);
    expect(kindsOf(decision)).toEqual([expected ? 'channel' : 'wrong-environment']);
  });

  it('lets in without an end, and says since when', () => {
    expect(judge({ pins: [pinOf()] })).toEqual({
      allowed: true,
      environment: 'prod',
      expiresAt: null,
      revision: 7,
      reasons: [
        {
          kind: 'channel',
          effect: 'allows',
          svc: 'shop',
          channel: 'prod:stable',
          since: daysFromNow(-1),
          text: `prod:stable of shop points at it since ${daysFromNow(-1)}`,
        },
      ],
    });
  });

  it('lets in where the policy says', () => {
    const channels = { ...allowListOf({}).channels, 'prod:stable': [] };

    expect(judge({ pins: [pinOf()] }, { policy: { channels } }).allowed).toBe(false);
  });

  it('names where it may run, when that is elsewhere', () => {
    const pins = [pinOf({ channel: 'stg:stable' }), pinOf({ channel: 'stg:candidate' })];

    const [reason] = judge({ pins }).reasons;

    expect(reason?.text).toBe(
      'it is in stg:stable, stg:candidate, which lets it run in dev, stg, not in prod',
    );
  });

  it('lets in a digest that is remembered as bad, while it points at it', () => {
    expect(judge({ pins: [pinOf()], bad: [BAD] }).allowed).toBe(true);
  });

  it('of another service lets in nothing', () => {
    const decision = judge({ pins: [pinOf({ svc: 'cart' })] });

    expect(kindsOf(decision)).toEqual(['not-in-channel']);
  });
});

describe('the binding of a digest to its repository', () => {
  const pins = [pinOf()];

  it('refuses a copy in another repository, even of the same service', () => {
    for (const repository of ['apps/evil/web', 'apps/shop/other']) {
      const decision = judge({ pins }, { query: { repository } });

      expect(decision.allowed).toBe(false);
      expect(decision.reasons).toMatchObject([
        { kind: 'other-repository', effect: 'lacks', homes: [REPOSITORY], repository },
      ]);
    }
  });

  it('refuses what no release and no tag put there', () => {
    expect(kindsOf(judge({ pins, homes: [] }))).toEqual(['never-released']);
  });

  it.each([
    ['of the service and environment', 'channels/prod/shop', true],
    ['of another environment', 'channels/stg/shop', false],
    ['of another service', 'channels/prod/cart', false],
  ])('takes a channel repository %s', (_name, repository, expected) => {
    expect(judge({ pins }, { query: { repository } }).allowed).toBe(expected);
  });

  it.each([
    'bases/static',
    'mirror/pause',
    'scratch/x',
    'charts/shop',
    'apps/shop',
    'library/nginx',
  ])('refuses %s, which belongs to no service', (repository) => {
    const homes = [repository];

    expect(kindsOf(judge({ pins, homes }, { query: { repository } }))).toEqual(['no-service']);
  });

  it('is not asked of a system image that the policy pins', () => {
    const query = { repository: 'mirror/pause', namespace: 'kube-system' };
    const system = [{ repository: 'mirror/pause', digests: [DIGEST] }];

    expect(judge({ homes: [] }, { policy: { system }, query })).toMatchObject({
      allowed: true,
      reasons: [{ kind: 'system-image' }],
    });
    const other = { ...query, digest: fakeDigest('other') };
    expect(judge({ homes: [] }, { policy: { system }, query: other }).allowed).toBe(false);
  });
});

describe('the rollback window', () => {
  it.each([
    ['a day ago, long pushed out', -1, 50, true],
    ['just in time', -29.99, 50, true],
    ['too long ago, pushed out', -30, 6, false],
    ['too long ago, one of the newest', -300, 5, true],
    ['too long ago, the channel empty since', -300, 0, true],
  ])('of what was replaced %s', (_name, days, newerPins, expected) => {
    const pins = [pastPin({ replacedAt: daysFromNow(days), newerPins })];

    const decision = judge({ pins });

    expect(decision.allowed).toBe(expected);
    expect(kindsOf(decision)).toEqual(
      expected ? ['rollback-window'] : ['window-over', 'not-in-channel'],
    );
  });

  it('ends by time when newer pins have pushed it out', () => {
    const pins = [pastPin({ replacedAt: daysFromNow(-2), newerPins: 6 })];

    expect(judge({ pins }).expiresAt).toBe(daysFromNow(28));
  });

  it('has no end while it is one of the newest', () => {
    expect(judge({ pins: [pastPin()] }).expiresAt).toBeNull();
  });

  it('is of prod:stable alone', () => {
    const channels = ['prod:candidate', 'stg:stable'] as const;

    for (const channel of channels) {
      expect(kindsOf(judge({ pins: [pastPin({ channel })] }))).toEqual(['not-in-channel']);
    }
  });

  it('lets in where prod:stable does', () => {
    expect(judge({ pins: [pastPin()] }, { query: { namespace: 'stg' } }).allowed).toBe(true);
  });

  it('is closed to what is remembered as bad, as rollbacks are', () => {
    const decision = judge({ pins: [pastPin()], bad: [BAD] });

    expect(decision.allowed).toBe(false);
    expect(kindsOf(decision)).toEqual(['known-bad']);
    expect(judge({ pins: [pastPin()], bad: [{ ...BAD, svc: 'cart' }] }).allowed).toBe(true);
  });
});

describe('a hold', () => {
  const old = pastPin({ replacedAt: daysFromNow(-300), newerPins: 50 });

  it('keeps allowed what was released here', () => {
    const decision = judge({ pins: [old], holds: [HOLD] });

    expect(decision).toMatchObject({ allowed: true, expiresAt: null });
    expect(kindsOf(decision)).toEqual(['window-over', 'hold']);
    const ends = judge({ pins: [old], holds: [{ ...HOLD, until: daysFromNow(1) }] });
    expect(ends).toMatchObject({ allowed: true, expiresAt: daysFromNow(1) });
    const ended = judge({ pins: [old], holds: [{ ...HOLD, until: daysFromNow(0) }] });
    expect(ended.allowed).toBe(false);
  });

  it('lets in nothing that was not', () => {
    const pins = [pastPin({ channel: 'stg:stable' })];

    expect(kindsOf(judge({ pins, holds: [HOLD] }))).toEqual(['hold-elsewhere', 'not-in-channel']);
    expect(judge({ holds: [HOLD] }).allowed).toBe(false);
  });

  it('lets in nothing that is remembered as bad', () => {
    expect(judge({ pins: [old], holds: [HOLD], bad: [BAD] }).allowed).toBe(false);
  });
});

describe('a grant', () => {
  it('lets in what no channel does, until it ends', () => {
    expect(judge({ grants: [GRANT] })).toMatchObject({
      allowed: true,
      expiresAt: daysFromNow(1),
      reasons: [{ kind: 'not-in-channel' }, { kind: 'grant', id: 'g-1', owner: 'team-shop' }],
    });
  });

  it('lets in a digest that belongs elsewhere, since it names the repository', () => {
    const repository = 'apps/evil/web';

    expect(judge({ grants: [GRANT] }, { query: { repository } }).allowed).toBe(false);
    const grants = [{ ...GRANT, repository }];
    expect(judge({ grants }, { query: { repository } }).allowed).toBe(true);
  });

  it.each([
    ['a namespace', { namespaces: 'prod' }, true],
    ['a pattern', { namespaces: 'p*' }, true],
    ['its environment', { namespaces: null, environment: 'prod' }, true],
    ['another namespace', { namespaces: 'prod-2' }, false],
    ['another environment', { namespaces: null, environment: 'stg' }, false],
  ] as const)('for %s', (_name, scope, expected) => {
    const decision = judge({ grants: [{ ...GRANT, ...scope }] });

    expect(decision.allowed).toBe(expected);
    expect(kindsOf(decision)).toContain(expected ? 'grant' : 'grant-elsewhere');
  });

  it('may be for a namespace of no environment', () => {
    const grants = [{ ...GRANT, namespaces: 'tools' }];

    const decision = judge({ grants }, { query: { namespace: 'tools' } });

    expect(decision).toMatchObject({ allowed: true, environment: null });
    expect(kindsOf(decision)).toEqual(['no-environment', 'grant']);
  });

  it.each([
    ['at its expiry', { expiresAt: NOW }],
    ['at the most that the policy allows now', { grantedAt: daysFromNow(-30) }],
  ])('is over %s', (_name, over) => {
    const decision = judge({ grants: [{ ...GRANT, ...over }] });

    expect(decision.allowed).toBe(false);
    expect(decision.reasons).toMatchObject([
      { kind: 'not-in-channel' },
      { kind: 'grant-expired', at: NOW },
    ]);
  });

  it.each([
    ['prod', false],
    ['tools', false],
    ['stg', true],
    ['dev', true],
  ])('to oneself counts in %s: %s', (namespace, expected) => {
    const own = { ...GRANT, namespaces: namespace, owner: ' Erin', grantedBy: 'erin' };

    expect(judge({ grants: [own] }, { query: { namespace } }).allowed).toBe(expected);
  });

  it('lasts as long as the longest that lets in', () => {
    const longer = { ...GRANT, id: 'g-2', expiresAt: daysFromNow(3) };

    expect(judge({ grants: [GRANT, longer] }).expiresAt).toBe(daysFromNow(3));
    expect(judge({ grants: [GRANT], pins: [pinOf()] }).expiresAt).toBeNull();
  });
});

describe('what keeps out', () => {
  const everything = { pins: [pinOf()], grants: [GRANT], holds: [HOLD] };

  it('is a quarantine, grace or not, over all that lets in', () => {
    const decision = judge({ ...everything, quarantines: [QUARANTINE] });

    expect(decision).toMatchObject({ allowed: false, expiresAt: null });
    expect(kindsOf(decision)).toEqual(['quarantined', 'channel', 'hold', 'grant']);
    expect(refusalsOf(decision).map(({ text }) => text)).toEqual([
      `it is quarantined since ${daysFromNow(-1)}, by ${DIGEST}: CVE-2026-1`,
    ]);
  });

  it('is a denial, over all that lets in', () => {
    const decision = judge({ ...everything, denials: [denialOf({ digest: DIGEST })] });

    expect(decision.allowed).toBe(false);
    expect(refusalsOf(decision).map(({ kind }) => kind)).toEqual(['denied']);
  });

  it('keeps a pinned system image out too', () => {
    const system = [{ repository: 'mirror/pause', digests: [DIGEST] }];
    const given = { policy: { system }, query: { repository: 'mirror/pause' } };

    expect(judge({ quarantines: [QUARANTINE] }, given).allowed).toBe(false);
  });

  it('ends with the quarantine', () => {
    const over = { ...QUARANTINE, expiresAt: daysFromNow(-0.5) };

    expect(judge({ ...everything, quarantines: [over] }).allowed).toBe(true);
  });

  it('tells what lacks when nothing blocks', () => {
    const refusals = refusalsOf(judge({}, { query: { namespace: 'tools' } }));

    expect(refusals.map(({ kind }) => kind)).toEqual(['no-environment']);
    expect(refusalsOf(judge(everything))).toEqual([]);
  });
});
