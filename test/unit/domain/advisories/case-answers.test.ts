import fc from 'fast-check';
import type { AffectedPlace } from '../../../../src/domain/advisories/case';
import { joinCases, worstOf } from '../../../../src/domain/advisories/case';
import { planActions, type CaseAct } from '../../../../src/domain/advisories/case-action';
import { describeAlarm, describeOpened } from '../../../../src/domain/advisories/case-alert';
import { judgeClose, servicesInProd } from '../../../../src/domain/advisories/case-close';
import { todoOf } from '../../../../src/domain/advisories/case-todo';
import {
  advisoryPolicyOf,
  ADVISORY_ACTIONS,
  PROD_RULES,
  ruleOf,
} from '../../../../src/domain/advisories/policy';
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

  const blind = { ...look, unknown: ['what cart runs in prod'] };

  it.each([
    ['nothing where the policy says so', 'none', 'until-due', look, true, [], []],
    ['a block of all of it', 'block', 'until-due', look, true, [A, B], []],
    ['a block of what prod runs, the rest cut off', 'quarantine', 'keep', look, false, [A], [B]],
    ['that however late it is', 'quarantine', 'keep', look, true, [A], [B]],
    ['that until it is due', 'quarantine', 'until-due', look, false, [A], [B]],
    ['all of it cut off when it is due', 'quarantine', 'until-due', look, true, [], [A, B]],
    ['all of it cut off at once', 'quarantine', 'cut-off', look, false, [], [A, B]],
    ['no cut while prod is not known', 'quarantine', 'keep', blind, true, [A, B], []],
    ['no cut before it is due then', 'quarantine', 'until-due', blind, false, [A, B], []],
    ['a cut when it is due, known or not', 'quarantine', 'until-due', blind, true, [], [A, B]],
    ['a cut at once, known or not', 'quarantine', 'cut-off', blind, false, [], [A, B]],
  ] as const)('is %s', (_name, action, prod, seen, overdue, deny, quarantine) => {
    const plan = planActions({ action, prod, digests: fresh, look: seen, overdue });

    expect(plan).toEqual({ deny, quarantine });
  });

  it.each([
    ['keep', look, false, []],
    ['keep', NOWHERE, false, [A]],
    ['until-due', look, false, []],
    ['until-due', NOWHERE, false, [A]],
    ['until-due', look, true, [A]],
  ] as const)(
    'is a quarantine of what was denied once its time has come: %s',
    (prod, seen, overdue, quarantine) => {
      const digests = [{ digest: A, acts: ['denied'] as const }];

      const plan = planActions({ action: 'quarantine', prod, digests, look: seen, overdue });

      expect(plan).toEqual({ deny: [], quarantine });
    },
  );

  it('is not done twice, so that who lifts it is not overruled', () => {
    const done = fc.subarray(['denied', 'quarantined'] as const, { minLength: 1 });
    const rule = fc.record({
      action: fc.constantFrom(...ADVISORY_ACTIONS),
      prod: fc.constantFrom(...PROD_RULES),
      overdue: fc.boolean(),
    });
    fc.assert(
      fc.property(done, rule, (acts, one) => {
        const plan = planActions({ ...one, digests: [{ digest: A, acts }], look });

        expect(plan.deny).toEqual([]);
        if (acts.includes('quarantined')) expect(plan.quarantine).toEqual([]);
      }),
    );
  });

  it('by default leaves nothing affected pullable when it is due', () => {
    const { prod, ...policy } = advisoryPolicyOf({});
    const places = fc.subarray([STABLE, STAGED]);
    const unknown = fc.array(fc.constant('what shop runs'), { maxLength: 1 });
    fc.assert(
      fc.property(places, unknown, fc.constantFrom('critical', 'high'), (affected, not, name) => {
        const { action } = policy[name];
        const seen = { affected, more: 0, unknown: not };

        const plan = planActions({ action, prod, digests: fresh, look: seen, overdue: true });

        expect(plan).toEqual({ deny: [], quarantine: [A, B] });
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

  it.each([
    ['half', { until: 'due', open: 1, cutOff: 0, cutAt: null }, 'cve extend CVE-2026-1 '],
    ['soon', { until: 'due', open: 1, cutOff: 0, cutAt: null }, 'prod: keep'],
    ['overdue', { until: 'cut', open: 0, cutOff: 1, cutAt: T1 }, 'quarantine release DIGEST'],
  ] as const)('says what is cut off, and how to change that: %s', (kind, pulls, command) => {
    const blind = { ...look, affected: [STABLE], unknown: ['what cart runs'], pulls };

    const { severity, text } = describeAlarm({ ...facts, look: blind }, kind);

    expect(severity).toBe('critical');
    expect(text).toContain(T1);
    expect(text).toContain('What could not be asked does not hold that up.');
    expect(text).toContain(command);
    expect(text).toContain('plura reg cve close CVE-2026-1 ');
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
