import { inspectImage } from '../../../activities/inspect-image';
import { CHECKOUT, LABELS } from '../../support/api-fixtures';
import { testPolicy } from '../../support/builders';
import { createFakeLedger } from '../../support/fakes/ledger';
import { createFakeRegistry } from '../../support/fakes/registry';

describe('an image as it lies in the registry', () => {
  it('is a verdict, no error, when it is quarantined and the gateway shows nothing of it', async () => {
    const ledger = createFakeLedger();
    const registry = createFakeRegistry();
    const digest = registry.pushImage({ repository: 'apps/checkout/checkout', labels: LABELS });
    ledger.quarantined.add(digest);
    registry.fail('QUARANTINED', 10);
    const policy = testPolicy().build;

    const faults = await inspectImage(
      { registry, ledger },
      { service: CHECKOUT, digest, policy, expectedLabels: {} },
    );

    expect(faults).toEqual([
      { message: 'The digest is quarantined.', remedy: 'Ask security to lift it.' },
    ]);
  });
});
