import { describeKeyManagementContract } from '../../../support/contracts/kms';
import { createFakeKeyManagement } from '../../../support/fakes/kms';

describeKeyManagementContract('the fake key management', () => {
  const kms = createFakeKeyManagement();
  return {
    kms,
    rotate: async (keyId) => {
      await kms.rotate(keyId, new Date(), 60_000);
      return kms;
    },
  };
});
