import { describeFreezeCalendar } from '../../../support/contracts/freeze-calendar';
import { createFakeFreezeCalendar } from '../../../support/fakes/freeze-calendar';

describeFreezeCalendar('fake', createFakeFreezeCalendar());
