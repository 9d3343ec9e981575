import { describeGcPlans } from '../../../support/contracts/gc-plans';
import { describeTombstones } from '../../../support/contracts/tombstones';
import { createFakeGcPlans } from '../../../support/fakes/gc-plans';
import { createFakeTombstones } from '../../../support/fakes/tombstones';

const close = async (): Promise<void> => Promise.resolve();

describeGcPlans('fake', () => Promise.resolve({ plans: createFakeGcPlans(), close }));

describeTombstones('fake', () => Promise.resolve({ tombstones: createFakeTombstones(), close }));
