import { describeRegistryContent } from '../../../support/contracts/registry-content';
import { createFakeRegistry } from '../../../support/fakes/registry';
import { createFakeRegistryContent } from '../../../support/fakes/registry-content';

describeRegistryContent('fake', () => createFakeRegistryContent(createFakeRegistry()));
