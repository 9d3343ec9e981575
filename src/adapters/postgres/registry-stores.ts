import type { AdvisoryMatches } from '../../ports/advisory-matches';
import type { AdvisoryCases } from '../../ports/advisory-cases';
import type { AllowList } from '../../ports/allow-list';
import type { DatabaseMirrors } from '../../ports/database-mirrors';
import type { Drills } from '../../ports/drills';
import type { BaseCatalogue } from '../../ports/base-catalogue';
import type { Checks } from '../../ports/checks';
import type { ComponentIndex } from '../../ports/component-index';
import type { Exceptions } from '../../ports/exceptions';
import type { Freezes } from '../../ports/freezes';
import type { GatewayState } from '../../ports/gateway-state';
import type { GcItemFacts } from '../../ports/gc-item-facts';
import type { GcPlans } from '../../ports/gc-plans';
import type { GcRoots } from '../../ports/gc-roots';
import type { Inventory } from '../../ports/inventory';
import type { Leases } from '../../ports/leases';
import type { KeyRevocations } from '../../ports/key-revocations';
import type { LedgerFigures } from '../../ports/ledger-figures';
import type { OldRecords } from '../../ports/old-records';
import type { PendingPushes } from '../../ports/pending-pushes';
import type { Quarantine } from '../../ports/quarantine';
import type { Reclaims } from '../../ports/reclaims';
import type { Rescans } from '../../ports/rescans';
import type { Robots } from '../../ports/robots';
import type { Rollups } from '../../ports/rollups';
import type { StorageSamples } from '../../ports/storage-samples';
import type { UploadLeases } from '../../ports/upload-leases';
import type { Tombstones } from '../../ports/tombstones';
import type { ScanFindings } from '../../ports/scan-findings';
import type { WormCopies } from '../../ports/worm-copies';
import { createPostgresAdvisoryMatches } from './advisory-matches';
import { createPostgresAdvisoryCases } from './advisory-cases';
import { createPostgresAllowList } from './allow-list';
import { createPostgresBaseCatalogue } from './base-catalogue';
import { createPostgresChecks } from './checks';
import { createPostgresComponentIndex } from './component-index';
import { createDatabase, type Database } from './database';
import { createPostgresDatabaseMirrors } from './database-mirrors';
import { createPostgresDrills } from './drills';
import { createPostgresExceptions } from './exceptions';
import { createPostgresFreezes } from './freezes';
import { createPostgresGcItemFacts } from './gc-item-facts';
import { createPostgresGcPlans } from './gc-plans';
import { createPostgresGcRoots } from './gc-roots';
import { createPostgresTombstones } from './gc-tombstones';
import { createPostgresLeases } from './leases';
import { createPostgresKeyRevocations } from './key-revocations';
import { createPostgresLedgerFigures } from './ledger-figures';
import { createPostgresOldRecords } from './old-records';
import { createPostgresReclaims } from './reclaims';
import { createPostgresInventory } from './registry-inventory';
import { createLocks, type LockOptions } from './registry-locks';
import { createPendingPushes } from './registry-pushes';
import { createPostgresQuarantine } from './registry-quarantine';
import { createPostgresRobots } from './registry-robots';
import { createPostgresGatewayState } from './registry-state';
import { createPostgresRescans } from './rescans';
import { createReviewFacts, type ReviewFacts } from './review-facts';
import { createPostgresRollups } from './rollups';
import { createPostgresStorageSamples } from './storage-samples';
import { createPostgresUploadLeases } from './upload-leases';
import { createPostgresScanFindings } from './scan-findings';
import { createPostgresWormCopies } from './worm-copies';

export interface PostgresRegistryStores {
  readonly advisoryMatches: AdvisoryMatches;
  readonly componentIndex: ComponentIndex;
  readonly advisoryCases: AdvisoryCases;
  readonly databaseMirrors: DatabaseMirrors;
  readonly inventory: Inventory;
  readonly pendingPushes: PendingPushes;
  readonly robots: Robots;
  readonly quarantine: Quarantine;
  readonly freezes: Freezes;
  readonly gcPlans: GcPlans;
  readonly gcRoots: GcRoots;
  readonly tombstones: Tombstones;
  readonly allowList: AllowList;
  readonly reviewFacts: ReviewFacts;
  readonly baseCatalogue: BaseCatalogue;
  readonly leases: Leases;
  readonly drills: Drills;
  readonly exceptions: Exceptions;
  readonly checks: Checks;
  readonly rescans: Rescans;
  readonly rollups: Rollups;
  readonly keyRevocations: KeyRevocations;
  readonly storageSamples: StorageSamples;
  readonly ledgerFigures: LedgerFigures;
  readonly oldRecords: OldRecords;
  readonly state: GatewayState;
  readonly uploads: UploadLeases;
  readonly gcItemFacts: GcItemFacts;
  readonly reclaims: Reclaims;
  readonly scanFindings: ScanFindings;
  readonly wormCopies: WormCopies;
  /** Waits for running queries and held locks, then closes every connection; watches end by their own signal. */
  close(): Promise<void>;
}

/** For what reads all there ever was. */
const SLOW = { max: 2, statementMs: 120_000 } as const;
/** Counting all that is stored: whole tables, longer than anybody waits for, and bounded. One at a time. */
const COUNTING = { max: 1, statementMs: 300_000 } as const;

/** What the gateway knows, in the ledger's Postgres. It connects when first asked; `migrate` makes the schema. */
export function createPostgresRegistryStores(options: LockOptions): PostgresRegistryStores {
  const db = createDatabase(options);
  const locks = createLocks(options);
  const slowly = ({
    max,
    statementMs,
  }: {
    readonly max: number;
    readonly statementMs: number;
  }): Database =>
    createDatabase({ ...options, max, timeouts: { ...options.timeouts, statementMs } });
  const slow = slowly(SLOW);
  const counting = slowly(COUNTING);
  return {
    advisoryMatches: createPostgresAdvisoryMatches(db),
    componentIndex: createPostgresComponentIndex(db),
    advisoryCases: createPostgresAdvisoryCases(db),
    databaseMirrors: createPostgresDatabaseMirrors(db),
    inventory: createPostgresInventory(db, locks),
    pendingPushes: createPendingPushes(db),
    robots: createPostgresRobots(db),
    quarantine: createPostgresQuarantine(db),
    freezes: createPostgresFreezes(db),
    gcPlans: createPostgresGcPlans(db),
    gcRoots: createPostgresGcRoots(slow),
    tombstones: createPostgresTombstones(db),
    allowList: createPostgresAllowList(db, options),
    reviewFacts: createReviewFacts(db),
    baseCatalogue: createPostgresBaseCatalogue(db),
    leases: createPostgresLeases(db),
    drills: createPostgresDrills(db),
    exceptions: createPostgresExceptions(db),
    checks: createPostgresChecks(db),
    rescans: createPostgresRescans(db),
    rollups: createPostgresRollups(db),
    keyRevocations: createPostgresKeyRevocations(db, options),
    storageSamples: createPostgresStorageSamples(db, counting),
    ledgerFigures: createPostgresLedgerFigures(db),
    oldRecords: createPostgresOldRecords(db),
    state: createPostgresGatewayState(db, options),
    uploads: createPostgresUploadLeases(db),
    gcItemFacts: createPostgresGcItemFacts(db),
    reclaims: createPostgresReclaims(db),
    scanFindings: createPostgresScanFindings(db),
    wormCopies: createPostgresWormCopies(db),
    close: async () => {
      await Promise.all([locks.close(), db.close(), slow.close(), counting.close()]);
    },
  };
}
