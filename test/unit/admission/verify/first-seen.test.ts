import { firstSeenIn } from '../../../../src/admission/verify/first-seen';
import { ReleaseError } from '../../../../src/contract/errors';
import type { Verdict } from '../../../../src/domain/verdict';
import { fakeDigest, releaseStatus } from '../../../support/api-fixtures';
import { createFakeLedger, type FakeLedger } from '../../../support/fakes/ledger';

const DIGEST = fakeDigest('one');
const STATUS = releaseStatus({
  releaseId: 'checkout/1.4.0_abc1234',
  digest: DIGEST,
  outcome: 'released',
  stage: 'done',
});
const SIGNED: Verdict = {
  gate: 'signature',
  subject: DIGEST,
  outcome: 'pass',
  reasons: [],
  evidence: {},
};

let ledger: FakeLedger;

async function record(at: string, over: Partial<Verdict> = {}): Promise<void> {
  const verdict = { ...SIGNED, ...over };
  await ledger.recordVerdict(STATUS.releaseId, `run of ${at}`, 'sha256:policy', verdict, at);
}

beforeEach(() => {
  ledger = createFakeLedger();
});

it('is the first of all records that it was signed', async () => {
  await ledger.saveStatus(STATUS, 'run-1', 1);
  await record('2026-01-01T00:00:00.000Z', { outcome: 'error' });
  await record('2026-01-02T00:00:00.000Z', { gate: 'scan' });
  await record('2026-01-03T00:00:00.000Z');
  await record('2026-01-04T00:00:00.000Z');

  expect(await firstSeenIn(ledger, 'checkout', { digest: DIGEST })()).toBe(
    '2026-01-03T00:00:00.000Z',
  );
});

it('is nothing for a digest that was not released', async () => {
  expect(await firstSeenIn(ledger, 'checkout', { digest: DIGEST })()).toBeNull();
});

it('is nothing while the ledger does not answer', async () => {
  const down = {
    firstSignedAt: () => Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'refused')),
  };

  expect(await firstSeenIn(down, 'checkout', { digest: DIGEST })()).toBeNull();
});

it('is asked once, however many signatures need it', async () => {
  const firstSignedAt = jest.fn(() => Promise.resolve(null));
  const firstSeen = firstSeenIn({ firstSignedAt }, 'checkout', { digest: DIGEST });

  await Promise.all([firstSeen(), firstSeen()]);

  expect(firstSignedAt).toHaveBeenCalledTimes(1);
});
