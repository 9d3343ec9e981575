import type { InspectedDatabase, ScanDatabases } from '../../../src/ports/scan-databases';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeScanDatabases extends ScanDatabases, CallFaults {
  /** What every layer is found to hold. */
  hold(inspected: InspectedDatabase): void;
}

/** Layers that hold what the test says. */
export function createFakeScanDatabases(): FakeScanDatabases {
  let held: InspectedDatabase = {
    fileDigest: `sha256:${'f'.repeat(64)}`,
    updatedAt: new Date().toISOString(),
    canaryFound: true,
  };
  const databases = withCallFaults<ScanDatabases>({
    inspect: () => Promise.resolve(held),
    refresh: () => Promise.resolve(),
  });
  return Object.assign(databases, {
    hold: (inspected: InspectedDatabase) => {
      held = inspected;
    },
  });
}
