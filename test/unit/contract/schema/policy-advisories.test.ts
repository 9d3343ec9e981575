import { loadPolicy } from '../../../../src/config/policy-file';
import { AdvisoriesFile } from '../../../../src/contract/schema/policy-advisories';
import { advisoryPolicyOf } from '../../../../src/domain/advisories/policy';
import path from 'node:path';

const FILE = {
  critical: { action: 'quarantine', due: '24h' },
  high: { action: 'quarantine', due: '72h' },
  ...{ prod: 'until-due', rollup: 'automatic', recheck: '10m', maxExtension: '24h' },
};

describe('the policy on advisories', () => {
  it('has the defaults that stand in the file', () => {
    const file = path.resolve(__dirname, '../../../../deploy/policy/default.yaml');

    expect(loadPolicy(file).policy.advisories).toEqual(advisoryPolicyOf({}));
    expect(AdvisoriesFile.parse(FILE)).toEqual(advisoryPolicyOf({}));
  });

  it('reads a policy of before there was a clock for prod', () => {
    const before = { ...FILE, high: { action: 'block', due: '72h' }, prod: 'keep' };

    expect(AdvisoriesFile.parse(before)).toEqual({
      ...advisoryPolicyOf({}),
      ...{ high: { action: 'block', dueMs: 72 * 3_600_000 }, prod: 'keep' },
    });
  });

  it.each([
    ['a clock of more than 72 hours', { ...FILE, high: { action: 'block', due: '73h' } }],
    ['a clock of minutes', { ...FILE, high: { action: 'block', due: '5m' } }],
    ['an action of its own', { ...FILE, high: { action: 'pray', due: '72h' } }],
    ['a rule for prod of its own', { ...FILE, prod: 'maybe' }],
    ['a look every second', { ...FILE, recheck: '1s' }],
    ['a key that nobody reads', { ...FILE, urgent: true }],
  ])('refuses %s', (_name, file) => {
    expect(AdvisoriesFile.safeParse(file).success).toBe(false);
  });
});
