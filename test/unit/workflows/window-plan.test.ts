import { planOf } from '../../../src/domain/plan-of';
import { planWindow } from '../../../workflows/steps/window-plan';
import type { Serving } from '../../../workflows/steps/release-run';
import { fakeDigest } from '../../support/api-fixtures';
import { releaseRequest, testPolicy, testService } from '../../support/builders';

const STABLE = fakeDigest('stable');
const SINCE = '2026-03-01T11:00:00.000Z';
const policy = testPolicy();
const service = testService('shop');
const plan = planOf({ policy, service, given: {} });
const input = { ...releaseRequest('shop', '2.0.0', { plan, policy, service }), epoch: 1 };
const window = {
  gate: 'canary',
  subject: 'window',
  env: 'stg',
  digest: fakeDigest('candidate'),
  startedAtMs: Date.parse(SINCE),
} as const;

test.each<[string, number, Partial<Serving>, unknown]>([
  ['a share beside stable', 25, {}, { stable: STABLE, alone: false }],
  ['all the traffic, stable still in the route', 100, {}, { stable: null, alone: false }],
  ['a first version', 25, { previous: null }, { stable: null, alone: true }],
  ['what is stable already', 25, { track: 'stable' }, { stable: null, alone: true }],
])('%s is measured where the route has it', (_name, percent, over, expected) => {
  const serving: Serving = { track: 'candidate', previous: STABLE, since: SINCE, ...over };

  const { comparison } = planWindow(input, window, { percent, windowMs: 60_000, serving });

  expect(comparison).toMatchObject(expected as object);
});
