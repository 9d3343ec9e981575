import { createRecordUnmeasuredActivities } from '../../../activities/record-unmeasured';
import type { RecordUnmeasuredInput } from '../../../activities/record-unmeasured';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { unmeasuredVerdict } from '../../support/window-evidence';

const INPUT: RecordUnmeasuredInput = {
  release: { releaseId: 'shop/2.0.0_abc', svc: 'shop', policyHash: 'sha256:p' },
  verdict: unmeasuredVerdict(),
};

function record(deps: FakeDeps): Promise<void> {
  return quietEnvironment().run(
    (input: RecordUnmeasuredInput) =>
      createRecordUnmeasuredActivities(deps).recordUnmeasured(input),
    INPUT,
  );
}

describe('recordUnmeasured', () => {
  it('keeps the verdict as the workflow gave it', async () => {
    const deps = await createFakeDeps();

    await record(deps);

    expect(deps.ledger.verdicts).toMatchObject([
      { releaseId: 'shop/2.0.0_abc', policyHash: 'sha256:p', verdict: unmeasuredVerdict() },
    ]);
  });

  it('is to be tried again while the ledger is down', async () => {
    const deps = await createFakeDeps();
    deps.ledger.fail('LEDGER_UNAVAILABLE', 1, 'recordVerdict');

    await expect(record(deps)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});
