import { createFakeAdvisoryMatches } from '../../../support/fakes/advisory-matches';
import { createFakeComponentIndex } from '../../../support/fakes/component-index';
import { createFakeInventory } from '../../../support/fakes/inventory';
import { createFakeLedger } from '../../../support/fakes/ledger';
import { createFakeRescans } from '../../../support/fakes/rescans';
import { describeAdvisoryMatches } from '../../../support/contracts/advisory-matches';
import { describeAdvisoryRatings } from '../../../support/contracts/advisory-ratings';
import {
  describeComponentIndex,
  type ComponentsUnderTest,
} from '../../../support/contracts/component-index';

function open(): Promise<ComponentsUnderTest> {
  const ledger = createFakeLedger();
  const inventory = createFakeInventory();
  const index = createFakeComponentIndex({ ledger, contents: inventory.contents });
  const matches = createFakeAdvisoryMatches({ held: index.held, ledger });
  const rescans = createFakeRescans({ ledger, advisoryMatches: matches });
  return Promise.resolve({
    ...{ index, matches, rescans, inventory, ledger },
    close: () => Promise.resolve(),
  });
}

describeComponentIndex('fake', open);
describeAdvisoryMatches('fake', open);
describeAdvisoryRatings('fake', open);
