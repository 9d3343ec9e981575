import { describeSignerContract } from '../../../support/contracts/signer';
import { createFakeSigner } from '../../../support/fakes/signer';

describeSignerContract('the fake signer', true, createFakeSigner);
