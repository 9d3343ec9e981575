import fc from 'fast-check';
import {
  asLandslide,
  decideCheck,
  isLandslide,
  type CheckDecision,
  type CheckFacts,
} from '../../../../src/domain/continuous-check/decide';
import {
  CHECK_RESULTS,
  CHECKS,
  isFailedVerification,
  isUnknown,
  type CheckFinding,
} from '../../../../src/domain/continuous-check/finding';
import {
  BEFORE,
  CHECK_POLICY,
  factsOf,
  findingOf,
  hoursAgo,
  OTHER,
  STABLE,
} from '../../../support/check-findings';

const UNKNOWN: Partial<CheckFinding> = { result: 'could-not-check', reason: 'The log is away.' };

function decide(findings: readonly CheckFinding[], over: Partial<CheckFacts> = {}): CheckDecision {
  return decideCheck(findings, factsOf(over), CHECK_POLICY);
}

describe('what fails at prod:stable', () => {
  it('is rolled back to what was verified, and blocked once it serves no longer', () => {
    expect(decide([findingOf()])).toEqual({
      kind: 'roll-back',
      from: STABLE,
      to: BEFORE,
      block: [],
      blockFrom: true,
      reason: 'It has no signature.',
    });
  });

  it.each<[string, Partial<CheckFinding>, boolean]>([
    ['a release that nobody knows', { check: 'binding' }, true],
    ['a scan that says no', { check: 'cve' }, true],
    // Where it is whole it may still be pulled.
    ['a layer that is gone', { check: 'blobs' }, false],
  ])('is rolled back for %s', (_what, over, isBlocked) => {
    expect(decide([findingOf(over)])).toMatchObject({
      kind: 'roll-back',
      to: BEFORE,
      block: [],
      blockFrom: isBlocked,
    });
  });

  it('says so when the best there is to go back to has lapsed', () => {
    const target = { kind: 'verified', digest: BEFORE, doubt: 'its scan is too old' } as const;

    expect(decide([findingOf()], { target })).toMatchObject({
      kind: 'roll-back',
      reason: 'It has no signature. None is clean: its scan is too old',
    });
  });

  it('asks for a target first, and says what it must be good for', () => {
    const asked = (check: CheckFinding['check']): CheckDecision =>
      decide([findingOf({ check })], { target: null });

    expect(asked('signature')).toEqual({ kind: 'find-target', from: STABLE, forCve: false });
    expect(asked('cve')).toEqual({ kind: 'find-target', from: STABLE, forCve: true });
  });

  it.each<[string, Partial<CheckFacts>, string, boolean]>([
    ['a release is under way', { inFlight: 'release shop/2.0.0_abc1234' }, 'in-flight', false],
    ['somebody holds the lane', { hold: 'olga: incident 4711' }, 'held', false],
    ['it is what a rollback went back to', { isRollbackResult: true }, 'rollback-result', false],
    ['the check rolled back 23 hours ago', { rolledBackAt: [hoursAgo(23)] }, 'flapping', true],
    ['when it did can not be read', { rolledBackAt: ['soon'] }, 'flapping', true],
    [
      'there is no former one',
      { target: { kind: 'none', reason: 'x', othersFail: false } },
      'no-target',
      false,
    ],
  ])(
    'is only told when %s, and what fails elsewhere is blocked',
    (_when, over, cause, holdLane) => {
      const elsewhere = findingOf({ digest: OTHER, where: ['stg:stable'] });

      expect(decide([findingOf(), elsewhere], over)).toMatchObject({
        kind: 'tell',
        cause,
        block: [OTHER],
        holdLane,
      });
    },
  );

  it('leaves what fails elsewhere too when the former ones fail: it is hardly the images', () => {
    const target = { kind: 'none', reason: 'x', othersFail: true } as const;
    const elsewhere = findingOf({ digest: OTHER, where: ['stg:stable'] });
    const cve = findingOf({ check: 'cve' });

    expect(decide([findingOf(), elsewhere], { target })).toMatchObject({
      kind: 'tell',
      cause: 'no-target',
      block: [],
    });
    expect(decide([cve, elsewhere], { target })).toMatchObject({ block: [OTHER] });
  });

  it('is rolled back again once the guard has opened', () => {
    expect(decide([findingOf()], { rolledBackAt: [hoursAgo(25)] }).kind).toBe('roll-back');
  });

  it.each([
    ['only-tells', [findingOf()]],
    ['elsewhere', [findingOf({ digest: OTHER, where: ['stg:stable'] })]],
  ])('is only told where the policy lets no rollback: %s', (cause, findings) => {
    const policy = { ...CHECK_POLICY, rollbacks: { max: 0, withinMs: 1 } };

    expect(decideCheck(findings, factsOf(), policy)).toMatchObject({
      ...{ kind: 'tell', cause, block: [], holdLane: false },
    });
  });

  it('waits when what it would go back to could not be checked', () => {
    const target = { kind: 'unknown', reason: 'the registry is away' } as const;

    expect(decide([findingOf()], { target })).toMatchObject({ kind: 'wait', alert: false });
  });

  it.each<[string, CheckFinding]>([
    ['the digest', findingOf({ check: 'cve', ...UNKNOWN })],
    ['what runs in prod', findingOf({ where: ['prod'], digest: null, ...UNKNOWN })],
  ])('waits when anything about %s is not known', (_what, unknown) => {
    expect(decide([findingOf(), unknown])).toMatchObject({ kind: 'wait' });
  });

  it('is acted on though another digest could not be checked', () => {
    const elsewhere = findingOf({ digest: OTHER, where: ['stg:stable'], ...UNKNOWN });

    expect(decide([findingOf(), elsewhere])).toMatchObject({
      kind: 'roll-back',
      blockFrom: true,
    });
  });
});

describe('what else is found', () => {
  it.each<[string, Partial<CheckFinding>, boolean]>([
    ['another digest that fails', { digest: OTHER, where: ['stg:stable'] }, true],
    ['one that fails and is kept warm in prod', { digest: OTHER, where: ['prod warm'] }, true],
    ['drift of a tag', { check: 'tag-drift', digest: null, where: ['prod:stable'] }, false],
    ['drift of the target', { check: 'target-drift', digest: null, where: ['prod'] }, false],
    ['a stranger in prod', { check: 'unknown-digest', digest: OTHER }, false],
    ['a quarantine', { check: 'quarantine' }, false],
    ['a scan that is too old', { check: 'cve', result: 'doubtful' }, false],
  ])('is told and moves nothing: %s', (_what, over, isBlocked) => {
    expect(decide([findingOf(over)])).toMatchObject({
      kind: 'tell',
      cause: 'elsewhere',
      block: isBlocked ? [OTHER] : [],
      holdLane: false,
    });
  });

  it('is nothing where all is well', () => {
    expect(decide([])).toEqual({ kind: 'ok' });
  });

  it.each([
    [0, false],
    [1, false],
    [2, true],
    [9, true],
  ])('is told after %i runs that could not check', (uncheckedRuns, alert) => {
    expect(decide([findingOf(UNKNOWN)], { uncheckedRuns })).toMatchObject({ kind: 'wait', alert });
  });
});

describe('many services that fail at once', () => {
  it.each([
    [1, 1, false],
    [1, 2, false],
    [2, 2, true],
    [2, 3, true],
    [2, 4, false],
    [3, 1000, true],
  ])('are too many to be believed: %i of %i (%s)', (failing, services, isTooMuch) => {
    expect(isLandslide(failing, services, CHECK_POLICY)).toBe(isTooMuch);
  });

  it.each([
    ['rolled back', decide([findingOf()])],
    ['blocked', decide([findingOf({ digest: OTHER, where: ['stg:stable'] })])],
    ['held', decide([findingOf()], { rolledBackAt: [hoursAgo(1)] })],
  ])('are not %s', (_what, decision) => {
    expect(asLandslide(decision, 7)).toMatchObject({
      kind: 'tell',
      cause: 'landslide',
      block: [],
      holdLane: false,
    });
  });

  it.each([
    ['told', decide([findingOf({ check: 'quarantine' })])],
    ['told of prod:stable', decide([findingOf()], { hold: 'olga: x' })],
    ['waited for', decide([findingOf(UNKNOWN)])],
    ['well', decide([])],
  ])('leave what is only %s as it is', (_what, decision) => {
    expect(asLandslide(decision, 7)).toBe(decision);
  });
});

describe('whatever is found', () => {
  const digest = fc.constantFrom(STABLE, BEFORE, OTHER, null);
  const finding: fc.Arbitrary<CheckFinding> = fc.record({
    check: fc.constantFrom(...CHECKS),
    result: fc.constantFrom(...CHECK_RESULTS),
    where: fc.subarray(['prod:stable', 'prod stable', 'prod', 'stg:stable'] as const, {
      minLength: 1,
    }),
    digest,
    reason: fc.constant('x'),
  });
  /** Mostly the first, so that something is moved at all. */
  const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
    fc.oneof({ arbitrary: fc.constant(usual), weight: 6 }, fc.constantFrom(...others));
  const facts: fc.Arbitrary<CheckFacts> = fc.record({
    stable: mostly(STABLE, BEFORE, OTHER, null),
    isRollbackResult: mostly(false, true),
    inFlight: mostly(null, 'release x'),
    hold: mostly(null, 'olga: x'),
    rolledBackAt: fc.array(fc.integer({ min: 20, max: 72 }).map(hoursAgo), { maxLength: 2 }),
    uncheckedRuns: fc.nat(5),
    target: mostly<CheckFacts['target']>(
      { kind: 'verified', digest: BEFORE },
      null,
      { kind: 'none', reason: 'x', othersFail: true },
      { kind: 'none', reason: 'x', othersFail: false },
      { kind: 'unknown', reason: 'x' },
    ),
    nowMs: fc.constant(factsOf().nowMs),
  });
  const findings = fc.oneof(
    fc.array(finding, { maxLength: 6 }),
    fc.array(finding, { maxLength: 2 }).map((more) => [findingOf(), ...more]),
  );

  it('nothing is blocked or moved by what could not be checked', () => {
    fc.assert(
      fc.property(fc.array(finding.filter(isUnknown), { maxLength: 6 }), facts, (found, known) => {
        expect(['ok', 'wait']).toContain(decideCheck(found, known, CHECK_POLICY).kind);
      }),
    );
  });

  it('only what failed, and about which all is known, is blocked', () => {
    fc.assert(
      fc.property(findings, facts, (found, known) => {
        const decision = decideCheck(found, known, CHECK_POLICY);
        const blocked = 'block' in decision ? decision.block : [];
        expect(blocked).not.toContain(known.stable);
        for (const one of blocked) {
          const about = found.filter((each) => each.digest === one);
          expect(about.some(isFailedVerification)).toBe(true);
          expect(about.some(isUnknown)).toBe(false);
        }
      }),
    );
  });

  it('a rollback goes from a failed prod:stable to a verified digest, and nobody is in its way', () => {
    let moved = 0;
    fc.assert(
      fc.property(findings, facts, (found, known) => {
        const decision = decideCheck(found, known, CHECK_POLICY);
        if (decision.kind !== 'roll-back') return;
        moved += 1;
        const { stable, target } = known;
        expect(target).toEqual({ kind: 'verified', digest: decision.to });
        expect(decision.from).toBe(stable);
        const about = found.filter((one) => one.digest === stable);
        expect(about.some(isFailedVerification)).toBe(true);
        expect(about.some(isUnknown)).toBe(false);
        expect([known.isRollbackResult, known.inFlight, known.hold]).toEqual([false, null, null]);
      }),
      { numRuns: 1000 },
    );

    expect(moved).toBeGreaterThan(10);
  });

  it('a service is never rolled back twice within the time of the guard', () => {
    let moved = 0;
    const run = fc.record({ afterMs: fc.integer({ min: 1, max: 1e8 }), facts, findings });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 20 }), (runs) => {
        const at: number[] = [];
        let { nowMs } = factsOf();
        for (const { afterMs, facts: known, findings: found } of runs) {
          nowMs += afterMs;
          const rolledBackAt = at.map((ms) => new Date(ms).toISOString());
          const now = { ...known, nowMs, rolledBackAt };
          if (decideCheck(found, now, CHECK_POLICY).kind === 'roll-back') at.push(nowMs);
        }
        moved += at.length;
        const gaps = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
        expect(gaps.filter((gap) => gap < CHECK_POLICY.rollbacks.withinMs)).toEqual([]);
      }),
    );

    expect(moved).toBeGreaterThan(10);
  });
});
