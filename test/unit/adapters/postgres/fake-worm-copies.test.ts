import { describeWormCopies } from '../../../support/contracts/worm-copies';
import { createFakeWormCopies } from '../../../support/fakes/worm-copies';

describeWormCopies('fake', () => Promise.resolve(createFakeWormCopies()));
