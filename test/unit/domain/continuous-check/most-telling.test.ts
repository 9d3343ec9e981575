import fc from 'fast-check';
import { decideCheck } from '../../../../src/domain/continuous-check/decide';
import {
  CHECK_RESULTS,
  CHECKS,
  type CheckFinding,
} from '../../../../src/domain/continuous-check/finding';
import { mostTelling } from '../../../../src/domain/continuous-check/most-telling';
import {
  BEFORE,
  CHECK_POLICY,
  factsOf,
  findingOf,
  OTHER,
  STABLE,
} from '../../../support/check-findings';

const UNKNOWN = { result: 'could-not-check', digest: null } as const;

describe('the findings that are kept of a service', () => {
  it('are one for each check, result, digest and place, with the reasons of all', () => {
    const children = ['a', 'b', 'c'].map((reason) => findingOf({ reason }));

    expect(mostTelling([...children, findingOf({ check: 'cve' })], 10)).toEqual([
      findingOf({ reason: 'a b c' }),
      findingOf({ check: 'cve' }),
    ]);
  });

  it('are what puts prod in doubt, then what is of prod:stable, then other doubts', () => {
    const elsewhere = findingOf({ digest: OTHER, where: ['stg:stable'] });
    const stg = findingOf({ ...UNKNOWN, check: 'tag-drift', where: ['stg:stable'] });
    const prod = findingOf({ ...UNKNOWN, check: 'unknown-digest', where: ['prod'] });

    expect(mostTelling([elsewhere, stg, findingOf(), prod], 3)).toEqual([prod, findingOf(), stg]);
  });

  it('never lead to more than all of them would', () => {
    const finding: fc.Arbitrary<CheckFinding> = fc
      .record({
        check: fc.constantFrom(...CHECKS),
        result: fc.constantFrom(...CHECK_RESULTS),
        digest: fc.constantFrom(STABLE, BEFORE, OTHER, null),
      })
      .map(({ digest, ...rest }) => {
        const where = digest === STABLE ? (['prod:stable'] as const) : (['stg:stable'] as const);
        return { ...rest, digest, reason: 'x', where: digest ? where : (['prod'] as const) };
      });
    fc.assert(
      fc.property(
        fc.array(finding, { maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        (all, max) => {
          const whole = decideCheck(all, factsOf(), CHECK_POLICY);
          const cut = decideCheck(mostTelling(all, max), factsOf(), CHECK_POLICY);
          const blockedBy = (decision: typeof whole): readonly string[] =>
            'block' in decision ? decision.block : [];

          if (cut.kind === 'roll-back') expect(whole.kind).toBe('roll-back');
          expect(blockedBy(whole)).toEqual(expect.arrayContaining([...blockedBy(cut)]));
        },
      ),
    );
  });
});
