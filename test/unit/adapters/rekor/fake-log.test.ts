import { describeTransparencyLogContract } from '../../../support/contracts/transparency-log';
import { createFakeTransparencyLog } from '../../../support/fakes/transparency-log';

describeTransparencyLogContract('the fake transparency log', createFakeTransparencyLog);
