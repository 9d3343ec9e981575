import { describeKeyRevocations } from '../../../support/contracts/key-revocations';
import { createFakeKeyRevocations } from '../../../support/fakes/key-revocations';

describeKeyRevocations('fake', () =>
  Promise.resolve({
    keyRevocations: createFakeKeyRevocations(),
    close: async () => Promise.resolve(),
  }),
);
