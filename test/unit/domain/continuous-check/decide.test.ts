import fc from 'fast-check';
import {
  asLandslide,
  decideCheck,
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
  it('is blocked, and rolled back to what was verified', () => {
    expect(decide([findingOf()])).toEqual({
      kind: 'roll-back',
      from: STABLE,
      to: BEFORE,
      block: [STABLE],
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
      block: isBlocked ? [STABLE] : [],
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
    ['no former one passes', { target: { kind: 'none', reason: 'x' } }, 'no-target', false],
  ])('is only blocked and told when %s', (_when, over, cause, holdLane) => {
    expect(decide([findingOf()], over)).toMatchObject({
      kind: 'tell',
      cause,
      block: [STABLE],
      holdLane,
    });
  });

  it('is rolled back again once the guard has opened', () => {
    expect(decide([findingOf()], { rolledBackAt: [hoursAgo(25)] }).kind).toBe('roll-back');
  });

  it('is never rolled back where the policy lets none', () => {
    const policy = { ...CHECK_POLICY, rollbacks: { max: 0, withinMs: 1 } };

    expect(decideCheck([findingOf()], factsOf(), policy)).toMatchObject({ cause: 'flapping' });
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

    expect(decide([findingOf(), elsewhere])).toMatchObject({ kind: 'roll-back', block: [STABLE] });
  });
});

describe('what else is found', () => {
  it.each<[string, Partial<CheckFinding>, boolean]>([
    ['another digest that fails', { digest: OTHER, where: ['stg:stable'] }, true],
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
  it('are neither moved nor blocked', () => {
    expect(asLandslide(decide([findingOf()]), 7)).toMatchObject({
      kind: 'tell',
      cause: 'landslide',
      block: [],
    });
  });

  it('leave what was told of others as it was', () => {
    const told = decide([findingOf({ check: 'quarantine' })]);

    expect(asLandslide(told, 7)).toBe(told);
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
  const facts: fc.Arbitrary<CheckFacts> = fc.record({
    stable: digest,
    isRollbackResult: fc.boolean(),
    inFlight: fc.constantFrom(null, 'release x'),
    hold: fc.constantFrom(null, 'olga: x'),
    rolledBackAt: fc.array(fc.integer({ min: 0, max: 72 }).map(hoursAgo), { maxLength: 3 }),
    uncheckedRuns: fc.nat(5),
    target: fc.constantFrom(
      null,
      { kind: 'verified', digest: BEFORE } as const,
      { kind: 'none', reason: 'x' } as const,
      { kind: 'unknown', reason: 'x' } as const,
    ),
    nowMs: fc.constant(factsOf().nowMs),
  });
  const findings = fc.array(finding, { maxLength: 6 });

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
        for (const one of blocked) {
          const about = found.filter((each) => each.digest === one);
          expect(about.some(isFailedVerification)).toBe(true);
          expect(about.some(isUnknown)).toBe(false);
        }
      }),
    );
  });

  it('a rollback goes from a failed prod:stable to a verified digest, and nobody is in its way', () => {
    fc.assert(
      fc.property(findings, facts, (found, known) => {
        const decision = decideCheck(found, known, CHECK_POLICY);
        fc.pre(decision.kind === 'roll-back');
        if (decision.kind !== 'roll-back') return;
        expect(known.target).toEqual({ kind: 'verified', digest: decision.to });
        expect(decision.from).toBe(known.stable);
        expect(found.some((one) => isFailedVerification(one) && one.digest === known.stable)).toBe(
          true,
        );
        expect([known.isRollbackResult, known.inFlight, known.hold]).toEqual([false, null, null]);
      }),
    );
  });

  it('a service is never rolled back twice within the time of the guard', () => {
    const runs = fc.array(
      fc.record({ afterMs: fc.integer({ min: 1, max: 2e8 }), facts, findings }),
      {
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(runs, (all) => {
        const at: number[] = [];
        let nowMs = factsOf().nowMs;
        for (const run of all) {
          nowMs += run.afterMs;
          const rolledBackAt = at.map((ms) => new Date(ms).toISOString());
          const known = { ...run.facts, nowMs, rolledBackAt };
          const { kind } = decideCheck(run.findings, known, CHECK_POLICY);
          if (kind === 'roll-back') at.push(nowMs);
        }
        const gaps = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
        expect(gaps.filter((gap) => gap < CHECK_POLICY.rollbacks.withinMs)).toEqual([]);
      }),
    );
  });
});
