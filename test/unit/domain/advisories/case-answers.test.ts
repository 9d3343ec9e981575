import fc from 'fast-check';
import type { AffectedPlace } from '../../../../src/domain/advisories/case';
import { isAdvisoryId, joinCases, worstOf } from '../../../../src/domain/advisories/case';
import { planActions, type CaseAct } from '../../../../src/domain/advisories/case-action';
import { describeAlarm, describeOpened } from '../../../../src/domain/advisories/case-alert';
import { judgeClose, servicesInProd } from '../../../../src/domain/advisories/case-close';
import { todoOf } from '../../../../src/domain/advisories/case-todo';
import { advisoryPolicyOf, ruleOf } from '../../../../src/domain/advisories/policy';
import type { RollupItem } from '../../../../src/domain/rollup';
import { caseOf } from '../../../support/contracts/advisory-cases';
import { A, B, T0, T1 } from '../../../support/contracts/ledger-builders';

const STABLE: AffectedPlace = { svc: 'shop', digest: A, where: 'prod:stable', prod: true };
const STAGED: AffectedPlace = { svc: 'cart', digest: B, where: 'stg:stable', prod: false };
const NOWHERE = { affected: [], more: 0, unknown: [] };

describe('a case may close', () => {
  it.each([
    ['nothing is left', NOWHERE, true],
    ['a channel has it', { ...NOWHERE, affected: [STAGED] }, false],
    ['more places have it than are listed', { ...NOWHERE, more: 3 }, false],
    ['a target was not asked', { ...NOWHERE, unknown: ['what shop runs in prod'] }, false],
  ])('when it should: %s', (_name, look, clear) => {
    expect(judgeClose(look).clear).toBe(clear);
  });

  it('only when nothing is affected and nothing unknown, whatever else', () => {
    const places = fc.array(fc.constantFrom(STABLE, STAGED), { maxLength: 3 });
    const unknown = fc.array(fc.constant('what shop runs'), { maxLength: 2 });
    fc.assert(
      fc.property(places, fc.nat(2), unknown, (affected, more, not) => {
        const judged = judgeClose({ affected, more, unknown: not });

        expect(judged.clear).toBe(affected.length + more + not.length === 0);
      }),
    );
  });

  it('says what it waits for', () => {
    const look = { affected: [STABLE, STAGED], more: 2, unknown: [] };

    expect(judgeClose(look)).toMatchObject({
      why: 'shop prod:stable and 3 more places still have it.',
    });
    expect(judgeClose({ ...NOWHERE, unknown: ['what cart runs'] })).toMatchObject({
      why: 'Not known: what cart runs.',
    });
  });
});

describe('what is done to an affected digest', () => {
  const look = { ...NOWHERE, affected: [STABLE, STAGED] };
  const fresh = [A, B].map((digest) => ({ digest, acts: [] as readonly CaseAct[] }));

  it.each([
    ['nothing where the policy says so', 'none', 'keep', [], []],
    ['a block of all of it', 'block', 'keep', [A, B], []],
    ['a block of what prod runs, the rest cut off', 'quarantine', 'keep', [A], [B]],
    ['all of it cut off where the policy says so', 'quarantine', 'cut-off', [], [A, B]],
  ] as const)('is %s', (_name, action, prod, deny, quarantine) => {
    expect(planActions({ action, prod, digests: fresh, look })).toEqual({ deny, quarantine });
  });

  it('is never a cut while it can not be told what prod runs', () => {
    const blind = { ...look, unknown: ['what cart runs in prod'] };

    const plan = planActions({ action: 'quarantine', prod: 'keep', digests: fresh, look: blind });

    expect(plan).toEqual({ deny: [A, B], quarantine: [] });
  });

  it('is a quarantine once its successor is out', () => {
    const digests = [{ digest: A, acts: ['denied'] as const }];

    expect(planActions({ action: 'quarantine', prod: 'keep', digests, look })).toEqual({
      deny: [],
      quarantine: [],
    });
    expect(planActions({ action: 'quarantine', prod: 'keep', digests, look: NOWHERE })).toEqual({
      deny: [],
      quarantine: [A],
    });
  });

  it('is not done twice, so that who lifts it is not overruled', () => {
    const done = fc.subarray(['denied', 'quarantined'] as const, { minLength: 1 });
    const action = fc.constantFrom('none', 'block', 'quarantine');
    fc.assert(
      fc.property(done, action, fc.constantFrom('keep', 'cut-off'), (acts, one, prod) => {
        const plan = planActions({ action: one, prod, digests: [{ digest: A, acts }], look });

        expect(plan.deny).toEqual([]);
        if (acts.includes('quarantined')) expect(plan.quarantine).toEqual([]);
      }),
    );
  });
});

describe('what is left to people', () => {
  const item = (over: Partial<RollupItem>): RollupItem => ({
    ...{ svc: 'shop', digest: A, wave: 1, state: 'failed', reason: 'no network', releaseId: null },
    ...over,
  });

  it('is what a rollup could not do, what none was ordered for, and what is not in prod', () => {
    const pay = { ...STABLE, svc: 'pay' };
    const todo = todoOf({
      look: { affected: [STABLE, pay, STAGED] },
      troubled: [item({}), item({ svc: 'gone', reason: '' })],
      ordered: ['shop'],
    });

    expect(todo).toEqual([
      'shop: its rebuild failed (no network). Release a version of it without the vulnerability.',
      'pay: rebuild it, plura reg rollup run --only pay.',
      'cart stg:stable: release a version without it there.',
    ]);
  });

  it('is cut off where it gets long', () => {
    const affected = Array.from({ length: 50 }, (_, at) => ({ ...STAGED, svc: `s${at}` }));

    const todo = todoOf({ look: { affected }, troubled: [], ordered: [] });

    expect(todo).toHaveLength(20);
    expect(todo.at(-1)).toBe('And 31 more.');
  });

  it('is named by service once, in order', () => {
    expect(servicesInProd({ affected: [STABLE, { ...STABLE, svc: 'a' }, STABLE, STAGED] })).toEqual(
      ['a', 'shop'],
    );
  });
});

describe('what people are told', () => {
  const facts = { advisory: 'CVE-2026-1', severity: 'HIGH', dueAt: T1 } as const;
  const look = { at: T0, ...NOWHERE, todo: [] };

  it.each([
    ['prod is hit', { ...look, affected: [STABLE] }, 'critical'],
    ['something is not known', { ...look, unknown: ['what shop runs'] }, 'critical'],
    ['nobody could look', null, 'critical'],
    ['only staging is hit', { ...look, affected: [STAGED] }, 'warning'],
  ])('is urgent by what is hit: %s', (_name, seen, severity) => {
    expect(describeOpened({ ...facts, look: seen }, []).severity).toBe(severity);
    expect(describeAlarm({ ...facts, look: seen }, 'half').severity).toBe(severity);
    expect(describeAlarm({ ...facts, look: seen }, 'overdue').severity).toBe('critical');
  });

  it('names the places, what was done and what is to do', () => {
    const seen = { ...look, affected: [STABLE], todo: ['shop: rebuild it.'] };

    const { text, title } = describeOpened({ ...facts, look: seen }, ['1 digest is blocked.']);

    expect(title).toBe('CVE-2026-1 (HIGH) hits what is in use');
    expect(text).toBe(
      `Nothing affected may be left by ${T1}. 1 digest is blocked. Affected: shop prod:stable: ${A}. To do: shop: rebuild it.`,
    );
  });
});

describe('severities', () => {
  it('of hits come to the worst, and make the clock shorter, never longer', () => {
    const high = caseOf({ dueAt: T1 });
    const critical = caseOf({ severity: 'CRITICAL', dueAt: T0 });

    expect(worstOf([{ severity: 'LOW' }, { severity: 'CRITICAL' }, { severity: 'HIGH' }])).toBe(
      'CRITICAL',
    );
    expect(worstOf([])).toBe('UNKNOWN');
    expect(joinCases(high, critical)).toEqual({ ...high, severity: 'CRITICAL', dueAt: T0 });
    expect(joinCases(critical, high)).toEqual(critical);
    expect(joinCases(high, { ...high, dueAt: T0 })).toEqual(high);
  });

  it('have a rule each, with the standard within 24 to 72 hours', () => {
    const policy = advisoryPolicyOf({});

    expect(ruleOf(policy, 'CRITICAL').dueMs).toBe(24 * 3_600_000);
    expect(ruleOf(policy, 'HIGH').dueMs).toBe(72 * 3_600_000);
    expect(ruleOf(policy, 'UNKNOWN')).toBe(policy.high);
  });
});

it.each([
  ['CVE-2026-1234', true],
  ['GHSA-jfh8-c2jp-5v3q', true],
  ['TEMP-0290435-0B57B5', true],
  ['ALAS2-2026-1', true],
  ['../lane', false],
  ['CVE 1', false],
  ['a/b', false],
  ['', false],
])('%s as an id of an advisory: %s', (text, good) => {
  expect(isAdvisoryId(text)).toBe(good);
});
