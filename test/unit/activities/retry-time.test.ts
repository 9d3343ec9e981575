import { withFailures } from '../../../activities/failures';
import { withRetryTime } from '../../../activities/retry-time';
import { ReleaseError } from '../../../src/contract/errors';
import type { ActivityRetry } from '../../../src/ports/ledger';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeLedger, type FakeLedger } from '../../support/fakes/ledger';

const RELEASE_ID = 'shop/1.0.0_abc1234';
const FROM = '2026-03-01T12:00:00.000Z';
const TO = '2026-03-01T12:00:40.000Z';
const THIRD = {
  activityId: '7',
  activityType: 'scanImage',
  attempt: 3,
  scheduledTimestampMs: Date.parse(FROM),
  currentAttemptScheduledTimestampMs: Date.parse(TO),
  workflowExecution: { workflowId: `release/${RELEASE_ID}`, runId: 'run-1' },
};

let ledger: FakeLedger;

beforeEach(() => {
  ledger = createFakeLedger();
});

function attempt(
  info: Partial<typeof THIRD> = {},
  scanImage: () => Promise<string> = () => Promise.resolve('scanned'),
): Promise<string> {
  const activities = withRetryTime({ ledger }, withFailures({ scanImage }));
  return quietEnvironment({ ...THIRD, ...info }).run(() => activities.scanImage());
}

const recorded = (): Promise<readonly ActivityRetry[]> => ledger.listRetries([RELEASE_ID]);

describe('the time that retries took', () => {
  it('is recorded when the attempt after them ends well', async () => {
    await expect(attempt()).resolves.toBe('scanned');

    expect(await recorded()).toEqual([
      { releaseId: RELEASE_ID, runId: 'run-1', activityId: '7', attempt: 3, from: FROM, to: TO },
    ]);
  });

  it('is recorded when the attempt after them ends the activity for good', async () => {
    const refused = (): Promise<never> =>
      Promise.reject(new ReleaseError('TAG_TAKEN', 'it is another digest'));

    await expect(attempt({}, refused)).rejects.toMatchObject({ type: 'TAG_TAKEN' });

    expect(await recorded()).toHaveLength(1);
  });

  it.each<[string, Partial<typeof THIRD>]>([
    ['a first attempt', { attempt: 1 }],
    ['a rollback', { workflowExecution: { workflowId: 'rollback/shop/1', runId: 'run-1' } }],
    ['what the release does not wait for', { activityType: 'saveStatus' }],
  ])('is nothing of %s', async (_what, info) => {
    await attempt(info);

    expect(ledger.calls).toEqual([]);
  });

  it('is not known yet while attempts follow', async () => {
    const down = (): Promise<never> =>
      Promise.reject(new ReleaseError('SCANNER_UNAVAILABLE', 'not now'));

    await expect(attempt({}, down)).rejects.toMatchObject({ type: 'SCANNER_UNAVAILABLE' });

    expect(await recorded()).toEqual([]);
  });

  it('fails no activity where it can not be recorded', async () => {
    ledger.fail('LEDGER_UNAVAILABLE', 1, 'recordRetry');

    await expect(attempt()).resolves.toBe('scanned');

    expect(await recorded()).toEqual([]);
  });
});
