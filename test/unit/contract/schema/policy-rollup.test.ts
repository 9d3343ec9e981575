import { loadPolicy } from '../../../../src/config/policy-file';
import { RollupFile } from '../../../../src/contract/schema/policy-rollup';
import { rollupPolicyOf, rollupSettingsOf } from '../../../../src/domain/rollup/policy';

const FILE = {
  schedule: { dayOfMonth: 15, hour: 2, minute: 30 },
  waves: [{ share: 0.1, atLeast: 1 }],
  stopAfter: { firstWave: 1, ratio: 0 },
  ...{ concurrency: 3, soak: '0s', maxDuration: '12h', unknownSource: 'rebuild' },
  emergency: { concurrency: 9, soak: '1m', maxDuration: '6h', optOuts: 'respect' },
};

it('holds the values of the standard where a policy says nothing, as the default file does', () => {
  const { policy } = loadPolicy('deploy/policy/default.yaml');

  expect(policy.rollup).toEqual(rollupPolicyOf({}));
});

it('gives an emergency a pace of its own', () => {
  const rollup = RollupFile.parse(FILE);

  expect(rollupSettingsOf({ rollup }, 'monthly')).toMatchObject({
    ...{ concurrency: 3, soakMs: 0, maxDurationMs: 43_200_000, optOuts: 'respect' },
    ...{ unknownSource: 'rebuild', stopAfter: { firstWave: 1, ratio: 0 } },
  });
  expect(rollupSettingsOf({ rollup }, 'emergency')).toMatchObject({
    ...{ concurrency: 9, soakMs: 60_000, maxDurationMs: 21_600_000, optOuts: 'respect' },
  });
});

it.each([
  ['a day that some months lack', { schedule: { dayOfMonth: 31, hour: 0, minute: 0 } }],
  ['a wave of nobody', { waves: [{ share: 0, atLeast: 1 }] }],
  ['nothing under way', { concurrency: 0 }],
  ['a word that is no section', { paused: true }],
])('refuses %s', (_name, over) => {
  expect(RollupFile.safeParse({ ...FILE, ...over }).success).toBe(false);
});
