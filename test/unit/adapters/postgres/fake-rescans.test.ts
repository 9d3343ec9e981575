import { describeRescans } from '../../../support/contracts/rescans';
import { createFakeAllowList } from '../../../support/fakes/allow-list';
import { createFakeLedger } from '../../../support/fakes/ledger';
import { createFakeRescans } from '../../../support/fakes/rescans';

describeRescans('fake', () => {
  const ledger = createFakeLedger();
  const allowList = createFakeAllowList({ ledger });
  const rescans = createFakeRescans({ ledger, allowList });
  return Promise.resolve({ rescans, ledger, allowList, close: async () => Promise.resolve() });
});
