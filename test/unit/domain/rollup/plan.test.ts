import {
  movesOf,
  newestBases,
  planServices,
  type KnownBase,
  type PlanInput,
  type StableFacts,
} from '../../../../src/domain/rollup/plan';
import { refuseSource } from '../../../../src/domain/rollup/source';
import { A, B, C, digestOf, T0, T1 } from '../../../support/contracts/ledger-builders';
import { optOutOf } from '../../../support/contracts/rollups';

const NOW_MS = Date.parse('2026-01-02T03:04:30.000Z');

function base(digest: KnownBase['digest'], over: Partial<KnownBase> = {}): KnownBase {
  const tag = digest === A ? '1_20251201' : '2_20260102';
  return { repository: 'bases/static', tag, digest, importedAt: T0, withdrawnAt: null, ...over };
}

function facts(over: Partial<StableFacts> = {}): StableFacts {
  return {
    ...{ svc: 'shop', owner: 'team-shop', digest: C, obstacle: null },
    uses: [{ baseRepository: 'bases/static', baseDigest: A }],
    source: { path: 'shop', version: '1.4.2', revision: 'abc1234' },
    ...over,
  };
}

const OLD_AND_NEW = [base(A), base(B, { importedAt: T1 })];

function plan(over: Partial<PlanInput> = {}): unknown {
  const { tasks, current } = planServices({
    ...{ services: [facts()], bases: OLD_AND_NEW, optOuts: [], nowMs: NOW_MS },
    ...{ respectOptOuts: true, always: false },
    ...over,
  });
  return { current, tasks: tasks.map(({ svc, state, reason }) => [svc, state, reason]) };
}

it('rebuilds what stands on an older base, and says from which to which', () => {
  expect(plan()).toEqual({ current: 0, tasks: [['shop', 'waiting', '']] });
  expect(movesOf(facts(), OLD_AND_NEW)).toEqual([
    { repository: 'bases/static', from: A, fromTag: '1_20251201', to: B, toTag: '2_20260102' },
  ]);
});

it('leaves alone what stands on the newest', () => {
  const uses = [{ baseRepository: 'bases/static', baseDigest: B }];

  expect(plan({ services: [facts({ uses })] })).toEqual({ current: 1, tasks: [] });
});

it('rebuilds that too when an advisory is the cause', () => {
  const uses = [{ baseRepository: 'bases/static', baseDigest: B }];

  expect(plan({ services: [facts({ uses })], always: true })).toEqual({
    current: 0,
    tasks: [['shop', 'waiting', '']],
  });
});

it('goes back to the newest that is allowed when one was withdrawn', () => {
  const bases = [base(A), base(B, { importedAt: T1, withdrawnAt: T1 })];
  const uses = [{ baseRepository: 'bases/static', baseDigest: B }];

  expect(newestBases(bases).get('bases/static')?.digest).toBe(A);
  expect(plan({ services: [facts({ uses })], bases })).toMatchObject({
    tasks: [['shop', 'waiting', '']],
  });
});

it('rebuilds for the sake of one base of several', () => {
  const uses = [
    { baseRepository: 'bases/static', baseDigest: B },
    { baseRepository: 'bases/go', baseDigest: digestOf('go 1') },
  ];
  const go = base(digestOf('go 2'), { repository: 'bases/go', tag: '1.26_20260102' });
  const bases = [...OLD_AND_NEW, go];

  const [move] = movesOf(facts({ uses }), bases);

  expect(move).toMatchObject({ repository: 'bases/go', fromTag: null, toTag: '1.26_20260102' });
});

it('tells what it can not rebuild, and why', () => {
  const services = [
    facts({ svc: 'adopted', source: null, obstacle: 'CI built it: it has to be rebuilt there' }),
    facts({ svc: 'strange', uses: [{ baseRepository: 'bases/odd', baseDigest: A }] }),
    facts({ svc: 'unknown', uses: [] }),
  ];

  expect(plan({ services })).toEqual({
    current: 0,
    tasks: [
      ['adopted', 'not-rebuildable', 'CI built it: it has to be rebuilt there'],
      ['strange', 'not-rebuildable', 'no allowed base of bases/odd is in the catalogue'],
      ['unknown', 'not-rebuildable', 'on which bases it stands is not on record'],
    ],
  });
});

it.each([
  [T1, true, 'opted-out', `until ${T1} by olga: moves to Java 25 first`],
  [T1, false, 'waiting', 'its opt-out is set aside: moves to Java 25 first'],
  [T0, true, 'waiting', ''],
])('opt-out until %s, respected: %s', (until, respectOptOuts, state, reason) => {
  const optOuts = [optOutOf({ until })];

  expect(plan({ optOuts, respectOptOuts })).toMatchObject({ tasks: [['shop', state, reason]] });
});

it.each([
  ['same', 'skip', null],
  ['changed', 'rebuild', 'the source folder is no longer shop at abc1234, as it was released'],
  ['unknown', 'rebuild', null],
  ['unknown', 'skip', "whether the source is shop at abc1234 can't be told"],
] as const)('a source that is %s, unknown ones: %s', (comparison, unknown, reason) => {
  const source = { path: 'shop', revision: 'abc1234' };

  expect(refuseSource(comparison, source, unknown)).toBe(reason);
});
