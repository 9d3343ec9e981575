import { describeScannerContract } from '../../../support/contracts/scanner';
import { createFakeScanner, HIGH_FINDING } from '../../../support/fakes/scanner';

describeScannerContract('the fake scanner', () => ({
  scanner: createFakeScanner({ findings: [HIGH_FINDING] }),
  vulnerable: { repository: 'apps/a/a', digest: `sha256:${'a'.repeat(64)}` },
}));
