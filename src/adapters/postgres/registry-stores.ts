import type { AllowList } from '../../ports/allow-list';
import type { Drills } from '../../ports/drills';
import type { Checks } from '../../ports/checks';
import type { Freezes } from '../../ports/freezes';
import type { GatewayState } from '../../ports/gateway-state';
import type { Inventory } from '../../ports/inventory';
import type { Leases } from '../../ports/leases';
import type { KeyRevocations } from '../../ports/key-revocations';
import type { LedgerFigures } from '../../ports/ledger-figures';
import type { OldRecords } from '../../ports/old-records';
import type { PendingPushes } from '../../ports/pending-pushes';
import type { Quarantine } from '../../ports/quarantine';
import type { Rescans } from '../../ports/rescans';
import type { Robots } from '../../ports/robots';
import type { StorageSamples } from '../../ports/storage-samples';
import { createPostgresAllowList } from './allow-list';
import { createPostgresChecks } from './checks';
import { createDatabase } from './database';
import { createPostgresDrills } from './drills';
import { createPostgresFreezes } from './freezes';
import { createPostgresLeases } from './leases';
import { createPostgresKeyRevocations } from './key-revocations';
import { createPostgresLedgerFigures } from './ledger-figures';
import { createPostgresOldRecords } from './old-records';
import { createPostgresInventory } from './registry-inventory';
import { createLocks, type LockOptions } from './registry-locks';
import { createPendingPushes } from './registry-pushes';
import { createPostgresQuarantine } from './registry-quarantine';
import { createPostgresRobots } from './registry-robots';
import { createPostgresGatewayState } from './registry-state';
import { createPostgresRescans } from './rescans';
import { createPostgresStorageSamples } from './storage-samples';

export interface PostgresRegistryStores {
  readonly inventory: Inventory;
  readonly pendingPushes: PendingPushes;
  readonly robots: Robots;
  readonly quarantine: Quarantine;
  readonly freezes: Freezes;
  readonly allowList: AllowList;
  readonly leases: Leases;
  readonly drills: Drills;
  readonly checks: Checks;
  readonly rescans: Rescans;
  readonly keyRevocations: KeyRevocations;
  readonly storageSamples: StorageSamples;
  readonly ledgerFigures: LedgerFigures;
  readonly oldRecords: OldRecords;
  readonly state: GatewayState;
  /** Waits for running queries and held locks, then closes every connection; watches end by their own signal. */
  close(): Promise<void>;
}

/** Counting all that is stored reads whole tables: longer than anybody waits for, and bounded. One at a time. */
const COUNTING = { connections: 1, statementMs: 300_000 };

/** What the gateway knows, in the ledger's Postgres. It connects when first asked; `migrate` makes the schema. */
export function createPostgresRegistryStores(options: LockOptions): PostgresRegistryStores {
  const db = createDatabase(options);
  const locks = createLocks(options);
  const slow = createDatabase({
    ...options,
    max: COUNTING.connections,
    timeouts: { ...options.timeouts, statementMs: COUNTING.statementMs },
  });
  return {
    inventory: createPostgresInventory(db, locks),
    pendingPushes: createPendingPushes(db),
    robots: createPostgresRobots(db),
    quarantine: createPostgresQuarantine(db),
    freezes: createPostgresFreezes(db),
    allowList: createPostgresAllowList(db, options),
    leases: createPostgresLeases(db),
    drills: createPostgresDrills(db),
    checks: createPostgresChecks(db),
    rescans: createPostgresRescans(db),
    keyRevocations: createPostgresKeyRevocations(db, options),
    storageSamples: createPostgresStorageSamples(db, slow),
    ledgerFigures: createPostgresLedgerFigures(db),
    oldRecords: createPostgresOldRecords(db),
    state: createPostgresGatewayState(db, options),
    close: async () => {
      await Promise.all([locks.close(), db.close(), slow.close()]);
    },
  };
}
