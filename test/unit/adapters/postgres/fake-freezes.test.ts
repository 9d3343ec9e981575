import { describeFreezes } from '../../../support/contracts/freezes';
import { createFakeFreezes } from '../../../support/fakes/freezes';

describeFreezes('fake', () =>
  Promise.resolve({ freezes: createFakeFreezes(), close: async () => Promise.resolve() }),
);
