import { describeLanes } from '../../support/contracts/system-lanes';
import { createFakeLanes } from '../../support/fakes/lanes';

describeLanes('fake', () => ({ lanes: createFakeLanes(), svc: 'shop' }));
