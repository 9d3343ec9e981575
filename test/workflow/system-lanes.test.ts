import { describeLanes } from '../support/contracts/system-lanes';
import { useDevServer } from '../support/dev-server';
import { realLanes } from '../support/system-lanes';

jest.setTimeout(60_000);

describe('the lanes of Temporal', () => {
  const server = useDevServer();
  let services = 0;

  describeLanes('lane workflows', () => {
    services += 1;
    return { lanes: realLanes(server), svc: `lane-${services}` };
  });
});
