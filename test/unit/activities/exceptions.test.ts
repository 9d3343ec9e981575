import { createExceptionActivities } from '../../../activities/exceptions';
import { exceptionsOf } from '../../../src/domain/exceptions/policy';
import { runActivity } from '../../support/activity-env';
import { releaseStatus } from '../../support/api-fixtures';
import { A } from '../../support/contracts/ledger-builders';
import { coveredEvidence, coveredFinding, requestOf } from '../../support/exceptions';
import { createFakeExceptions, type FakeExceptions } from '../../support/fakes/exceptions';
import { createFakeLedger, type FakeLedger } from '../../support/fakes/ledger';

const ASKED = '2026-11-01T00:00:00.000Z';
const END = '2026-12-01T00:00:00.000Z';

let ledger: FakeLedger;
let exceptions: FakeExceptions;
let activities: ReturnType<typeof createExceptionActivities>;

beforeEach(() => {
  ledger = createFakeLedger();
  exceptions = createFakeExceptions({ ledger });
  activities = createExceptionActivities({ exceptions, ledger, now: () => new Date(END) });
});

async function grant(id: string, over: object = {}): Promise<void> {
  await exceptions.request(requestOf({ id, requestedAt: ASKED, expiresAt: END, ...over }));
  await exceptions.approve(id, 'sam', ASKED);
}

async function scan(outcome: 'pass' | 'error' | 'fail', runId: string): Promise<void> {
  const evidence = outcome === 'pass' ? coveredEvidence(coveredFinding()) : {};
  const verdict = { gate: 'scan', subject: A, outcome, reasons: [], evidence } as const;
  await ledger.recordRescan('shop/1.0.0_abc', runId, 'h', verdict, ASKED);
}

describe('judging again what passed by an exception that has ended', () => {
  beforeEach(async () => {
    const status = { releaseId: 'shop/1.0.0_abc', svc: 'shop', digest: A };
    await ledger.saveStatus(releaseStatus({ ...status, outcome: 'released' }), 'run', 1);
    await grant('exc-1');
    await scan('pass', 'first');
  });

  it.each([
    ['nothing else', null, 1],
    ['a scan that could not tell', 'error', 1],
    ['a scan that failed already', 'fail', 0],
  ] as const)('after %s', async (_, later, rejudged) => {
    if (later) await scan(later, 'later');

    const found = await runActivity(activities, 'rejudgeLapsed', { policyHash: 'h' });
    const again = await runActivity(activities, 'rejudgeLapsed', { policyHash: 'h' });

    expect(found.rejudged).toHaveLength(rejudged);
    expect(again).toEqual({ rejudged: [], more: false });
    expect((await ledger.newestScan('shop', A))?.verdict.outcome).toBe('fail');
  });
});

it('tells of a broken glass before all that ends at the same midnight', async () => {
  for (let n = 0; n < 60; n += 1) await grant(`exc-${n}`);
  await grant('glass', { kind: 'break-glass', expiresAt: '2026-12-02T00:00:00.000Z' });

  const told = await runActivity(activities, 'findExceptionNotices', { policy: exceptionsOf({}) });

  expect(told).toHaveLength(50);
  expect(told[0]).toMatchObject({ exceptionId: 'glass', severity: 'critical' });
});
