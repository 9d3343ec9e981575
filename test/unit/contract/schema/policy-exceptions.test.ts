import { ExceptionsFile } from '../../../../src/contract/schema/policy-exceptions';

const FILE = { maxDuration: '90d', breakGlassMax: '24h', warnBefore: ['1d'], endedPulls: 'refuse' };

describe('the policy on exceptions', () => {
  it.each([
    ['72h', true],
    ['73h', false],
    ['4d', false],
    ['30s', false],
  ])('lets a broken glass last %s: %s', (breakGlassMax, isTaken) => {
    expect(ExceptionsFile.safeParse({ ...FILE, breakGlassMax }).success).toBe(isTaken);
  });
});
