import { describeDrills } from '../../../support/contracts/drills';
import { describeLeases } from '../../../support/contracts/leases';
import { createFakeDrills } from '../../../support/fakes/drills';
import { createFakeLeases } from '../../../support/fakes/leases';

const close = (): Promise<void> => Promise.resolve();

describeLeases('fake', () => Promise.resolve({ leases: createFakeLeases(), close }));
describeDrills('fake', () => Promise.resolve({ drills: createFakeDrills(), close }));
