import { describeCounts, describeRollup } from '../../../../src/domain/rollup/describe';
import { T0, T1 } from '../../../support/contracts/ledger-builders';
import { rollupOf, rollupTask } from '../../../support/rollup-tasks';

it('tells what was rebuilt from which base to which, what was not, and why', () => {
  const report = rollupOf(
    [
      rollupTask('shop', {
        ...{ state: 'released', startedAt: T0, endedAt: T1, fixed: ['CVE-2026-1'] },
      }),
      rollupTask('cart', { state: 'failed', reason: 'rejected: scan', startedAt: T0 }),
      rollupTask('mail', { state: 'held', reason: 'lane held by olga' }),
      rollupTask('old', { state: 'opted-out', reason: 'until 2027 by olga: Java', moves: [] }),
    ],
    { outcome: 'held', endedAt: T1, reason: 'stopped', notes: ['static: 2 imported'] },
  );

  const text = describeRollup(report);

  expect(text).toContain('### Rollup monthly-1: held');
  expect(text).toContain('Because of the monthly renewal of bases');
  expect(text).toContain(
    `- shop 1.4.3-base.20261130; bases/static 1_20261101 -> 2_20261130; ${T0} to ${T1}; fixes CVE-2026-1`,
  );
  expect(text).toContain('rejected: scan');
  expect(text).toContain('- old; until 2027 by olga: Java');
  expect(text).toContain('- static: 2 imported');
  expect(describeCounts(report.tasks)).toBe('1 failed, 1 held, 1 released, 1 opted-out');
});

it('says so when there is nothing to do', () => {
  expect(describeCounts([])).toBe('nothing to rebuild');
});
