import { describeAdvisoryCases } from '../../../support/contracts/advisory-cases';
import { describeDatabaseMirrors } from '../../../support/contracts/database-mirrors';
import { createFakeAdvisoryCases } from '../../../support/fakes/advisory-cases';
import { createFakeDatabaseMirrors } from '../../../support/fakes/database-mirrors';

const close = (): Promise<void> => Promise.resolve();

describeAdvisoryCases('fake', () => Promise.resolve({ cases: createFakeAdvisoryCases(), close }));

describeDatabaseMirrors('fake', () =>
  Promise.resolve({ mirrors: createFakeDatabaseMirrors(), close }),
);
