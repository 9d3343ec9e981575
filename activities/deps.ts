import type { SourceComparison } from '../src/domain/rollup/source';
import type { Service } from '../src/domain/service';
import type { AdvisoryCaseRuns } from '../src/ports/advisory-case-runs';
import type { AdvisoryCases } from '../src/ports/advisory-cases';
import type { AdvisoryDatabase } from '../src/ports/advisory-database';
import type { AdvisoryMatches } from '../src/ports/advisory-matches';
import type { AllowList } from '../src/ports/allow-list';
import type { BaseCatalogue, ReadBases } from '../src/ports/base-catalogue';
import type { BaseImports } from '../src/ports/base-imports';
import type { BaseVendors } from '../src/ports/base-vendors';
import type { Builder } from '../src/ports/builder';
import type { DatabaseMirrors } from '../src/ports/database-mirrors';
import type { Drills } from '../src/ports/drills';
import type { Exceptions } from '../src/ports/exceptions';
import type { Policy } from '../src/domain/policy';
import type { Checks } from '../src/ports/checks';
import type { ComponentIndex } from '../src/ports/component-index';
import type { EmergencyRollups } from '../src/ports/emergency-rollups';
import type { FreezeCalendar, Freezes } from '../src/ports/freezes';
import type { GatewayState } from '../src/ports/gateway-state';
import type { GcItemFacts } from '../src/ports/gc-item-facts';
import type { GcPlans } from '../src/ports/gc-plans';
import type { GcRoots } from '../src/ports/gc-roots';
import type { GcPlanner } from '../src/ports/gc-planner';
import type { ImageVerifier } from '../src/ports/image-verifier';
import type { Inventory } from '../src/ports/inventory';
import type { Lanes } from '../src/ports/lanes';
import type { Leases } from '../src/ports/leases';
import type { Ledger } from '../src/ports/ledger';
import type { MetricsSource } from '../src/ports/metrics-source';
import type { Notifier } from '../src/ports/notifier';
import type { OldRecords } from '../src/ports/old-records';
import type { PendingPushes } from '../src/ports/pending-pushes';
import type { Quarantine } from '../src/ports/quarantine';
import type { Reclaimer } from '../src/ports/reclaimer';
import type { Reclaims } from '../src/ports/reclaims';
import type { Registry } from '../src/ports/registry';
import type { RegistryCatalog } from '../src/ports/registry-catalog';
import type { RegistryContent } from '../src/ports/registry-content';
import type { RebuildLanes } from '../src/ports/rebuild-lanes';
import type { Rescans } from '../src/ports/rescans';
import type { Rollups } from '../src/ports/rollups';
import type { RiskLists } from '../src/ports/risk-lists';
import type { Rollout } from '../src/ports/rollout';
import type { DatabaseSource, ScanDatabases } from '../src/ports/scan-databases';
import type { Scanner } from '../src/ports/scanner';
import type { ScenarioRunner } from '../src/ports/scenarios';
import type { KeyManagement, Signer, TransparencyLog } from '../src/ports/signer';
import type { StorageSamples } from '../src/ports/storage-samples';
import type { SystemLanes } from '../src/ports/system-lanes';
import type { Tombstones } from '../src/ports/tombstones';
import type { UploadLeases } from '../src/ports/upload-leases';
import type { VerifyVendor } from '../src/ports/vendor-verifier';
import type { WormCopies } from '../src/ports/worm-copies';
import type { WormStore } from '../src/ports/worm-store';

/** Everything activities touch. Each group takes the part it needs. */
export interface Deps {
  readonly builder: Builder;
  readonly registry: Registry;
  /** The registry itself, past the gateway. */
  readonly catalog: RegistryCatalog;
  /** Likewise, for what a check reads: what is quarantined too. */
  readonly backend: Pick<Registry, 'deleteManifest' | 'findMissing' | 'putManifest' | 'resolve'>;
  /** The gateway, as the robot that may delete and nothing else. */
  readonly retention: Pick<Registry, 'deleteManifest' | 'deleteTagOf'>;
  /** Null: nobody said how disk is taken back. */
  readonly reclaimer: Reclaimer | null;
  readonly reclaims: Reclaims;
  readonly gatewayState: Pick<GatewayState, 'read' | 'setMode' | 'replaceMode'>;
  readonly uploadLeases: UploadLeases;
  readonly gcItemFacts: GcItemFacts;
  readonly gcRoots: GcRoots;
  readonly tombstones: Tombstones;
  /** Asks past the gateway. */
  readonly verifier: ImageVerifier;
  /** Read past the gateway, written through it. */
  readonly content: RegistryContent;
  readonly quarantine: Quarantine;
  readonly advisoryCaseRuns: AdvisoryCaseRuns;
  readonly advisoryCases: AdvisoryCases;
  readonly advisoryMatches: AdvisoryMatches;
  /** The database that the scanner goes by now; closed by who opened it. */
  readonly openAdvisoryDatabase: () => Promise<AdvisoryDatabase>;
  readonly allowList: Pick<
    AllowList,
    'addDenial' | 'addHold' | 'facts' | 'liftDenial' | 'listHolds' | 'releaseHold'
  >;
  readonly emergencyRollups: EmergencyRollups;
  readonly checks: Checks;
  readonly componentIndex: ComponentIndex;
  /** As the system itself asks them. */
  readonly systemLanes: SystemLanes;
  /** Of what the system does by itself; a release brings its own. */
  readonly policy: Policy;
  readonly inventory: Inventory;
  readonly pendingPushes: PendingPushes;
  readonly rescans: Rescans;
  readonly rollups: Rollups;
  readonly rebuildLanes: RebuildLanes;
  readonly baseImports: BaseImports;
  readonly exceptions: Exceptions;
  readonly riskLists: RiskLists;
  readonly storageSamples: StorageSamples;
  readonly oldRecords: OldRecords;
  readonly freezes: Freezes;
  readonly freezeCalendar: FreezeCalendar;
  readonly gcPlanner: GcPlanner;
  readonly gcPlans: GcPlans;
  readonly signer: Signer;
  readonly kms: KeyManagement;
  readonly log: TransparencyLog;
  readonly scanner: Scanner;
  readonly scanDatabases: ScanDatabases;
  readonly databaseMirrors: DatabaseMirrors;
  /** None: databases are brought by somebody else. */
  readonly databaseSources: readonly DatabaseSource[];
  /** Matches the index with a new database; false when nobody does. */
  readonly startAdvisoryWatch: () => Promise<boolean>;
  readonly rollout: Rollout;
  readonly metrics: MetricsSource;
  /** How often `metrics` takes a sample of its sources. */
  readonly scrapeIntervalMs: number;
  readonly scenarios: ScenarioRunner;
  readonly ledger: Ledger;
  readonly leases: Leases;
  readonly drills: Drills;
  readonly lanes: Lanes;
  readonly notifier: Notifier;
  readonly worm: WormStore;
  readonly wormCopies: WormCopies;
  /** The catalogue, as it was at the worker's start. */
  readonly services: readonly Service[];
  /** Read at each use: bases are imported while the worker runs. */
  readonly readBases: ReadBases;
  readonly baseCatalogue: BaseCatalogue;
  readonly baseVendors: BaseVendors;
  readonly verifyVendor: VerifyVendor;
  /** The gateway, as the robot that keeps bases. */
  readonly custodian: Pick<
    Registry,
    'attach' | 'getArtifact' | 'listReferrers' | 'putTag' | 'resolve'
  >;
  /** `host[:port]` of the registry, as our builder names it in the provenance. */
  readonly registryHosts: readonly string[];
  /** `builder.id` that our builder writes in the provenance. */
  readonly builderId: string;
  /** Absolute folder; sources of releases lie below it. */
  readonly sourceRoot: string;
  /** Who wrote a commit of a folder, by its git; null where it is in no git repository, or without that commit. */
  readonly readAuthor: (folder: string, revision: string) => Promise<string | null>;
  /** RFC 3339: when a commit of a folder was committed, by its git; null as with `readAuthor`. */
  readonly readCommitTime: (folder: string, revision: string) => Promise<string | null>;
  /** The commit a folder is at; null where it is in no git repository. */
  readonly readRevision: (folder: string) => Promise<string | null>;
  /** Whether a folder, as it lies there, is what a commit holds of it. */
  readonly compareSource: (folder: string, revision: string) => Promise<SourceComparison>;
  readonly now: () => Date;
}
