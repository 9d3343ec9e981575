import { describeKeyManagementContract } from '../../../support/contracts/kms';
import { createFakeKeyManagement } from '../../../support/fakes/kms';

describeKeyManagementContract('the fake key management', createFakeKeyManagement);
