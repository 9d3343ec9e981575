import { describeLanes } from '../../support/contracts/lanes';
import { createFakeLanes } from '../../support/fakes/lanes';

describeLanes('fake', () => ({ lanes: createFakeLanes(), svc: 'shop' }));
