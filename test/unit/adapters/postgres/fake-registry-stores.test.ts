import type { Digest } from '../../../../src/domain/digest';
import { describeGatewayState } from '../../../support/contracts/gateway-state';
import { describeQuarantine } from '../../../support/contracts/quarantine';
import { describeRobots } from '../../../support/contracts/robots';
import { createFakeGatewayState } from '../../../support/fakes/gateway-state';
import { createFakeInventory } from '../../../support/fakes/inventory';
import { createFakeQuarantine } from '../../../support/fakes/quarantine';
import { createFakeRobots } from '../../../support/fakes/robots';

const close = async (): Promise<void> => Promise.resolve();

describeRobots('fake', () => {
  const robots = createFakeRobots();
  return Promise.resolve({ robots, withSecrets: async () => robots.withSecrets(), close });
});

describeQuarantine('fake', () => {
  const inventory = createFakeInventory();
  const quarantine = createFakeQuarantine(inventory.contents);
  return Promise.resolve({
    quarantine,
    inventory,
    isQuarantined: async (digest) => quarantine.isQuarantined(digest),
    run: (digest: Digest) => {
      quarantine.running.add(digest);
      return Promise.resolve();
    },
    close,
  });
});

describeGatewayState('fake', () => {
  const inventory = createFakeInventory();
  const { contents } = inventory;
  const robots = createFakeRobots();
  const quarantine = createFakeQuarantine(contents);
  const state = createFakeGatewayState({ contents, robots, quarantine });
  return Promise.resolve({ state, robots, quarantine, inventory, close });
});
