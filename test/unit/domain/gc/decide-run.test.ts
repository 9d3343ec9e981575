import { decideRun, type RunFacts } from '../../../../src/domain/gc/decide-run';
import { BREACH, planOf } from '../../../support/contracts/gc-plans';

const DEFAULTS = { firstRun: 'report', automatic: false } as const;
const AUTOMATIC = { ...DEFAULTS, automatic: true } as const;
const FACTS: RunFacts = { plan: planOf('one'), wasAnyApproved: true, by: 'person' };
const OVER = planOf('over', { breaches: [BREACH, BREACH] });
const EMPTY = planOf('none', { items: [] });

describe('whether a plan that was just made is run', () => {
  it.each<[string, Partial<RunFacts>, typeof DEFAULTS | typeof AUTOMATIC, object]>([
    ['a person wants it', {}, DEFAULTS, { kind: 'run' }],
    ['it deletes nothing', { plan: EMPTY }, AUTOMATIC, { kind: 'nothing' }],
    [
      'it is over budget',
      { plan: OVER },
      AUTOMATIC,
      { kind: 'waits', reason: 'More than 1000 bytes, and 1 more' },
    ],
    ['nothing was ever approved', { wasAnyApproved: false }, AUTOMATIC, { kind: 'waits' }],
    ['the Schedule made it', { by: 'schedule' }, DEFAULTS, { kind: 'waits' }],
    ['the Schedule may run it', { by: 'schedule' }, AUTOMATIC, { kind: 'run' }],
    [
      'the Schedule may run it, and nothing was ever approved',
      { by: 'schedule', wasAnyApproved: false },
      AUTOMATIC,
      { kind: 'waits' },
    ],
  ])('%s', (_name, over, policy, decision) => {
    expect(decideRun({ ...FACTS, ...over }, policy)).toMatchObject(decision);
  });

  it('runs a first plan where the policy lets it', () => {
    const facts = { ...FACTS, wasAnyApproved: false };

    expect(decideRun(facts, { firstRun: 'run', automatic: false })).toEqual({ kind: 'run' });
  });
});
