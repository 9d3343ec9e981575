import type { FastifyBaseLogger } from 'fastify';
import type { WhyStep } from '../domain/admission/why';
import type { Policy } from '../domain/policy';
import type { ImageRef } from '../domain/reference';
import type { Service } from '../domain/service';
import type { Orchestrator } from '../orchestrator/orchestrator';
import type { AdvisoryMatches } from '../ports/advisory-matches';
import type { AdvisoryCases } from '../ports/advisory-cases';
import type { AllowList } from '../ports/allow-list';
import type { DatabaseMirrors } from '../ports/database-mirrors';
import type { BaseCatalogue, ReadBases } from '../ports/base-catalogue';
import type { Drills } from '../ports/drills';
import type { Exceptions } from '../ports/exceptions';
import type { Checks } from '../ports/checks';
import type { ComponentIndex } from '../ports/component-index';
import type { FreezeCalendar, Freezes } from '../ports/freezes';
import type { GatewayState } from '../ports/gateway-state';
import type { GcPlans } from '../ports/gc-plans';
import type { Inventory } from '../ports/inventory';
import type { KeyRevocations } from '../ports/key-revocations';
import type { Ledger } from '../ports/ledger';
import type { LedgerFigures } from '../ports/ledger-figures';
import type { Quarantine } from '../ports/quarantine';
import type { Registry } from '../ports/registry';
import type { Reclaims } from '../ports/reclaims';
import type { Rescans } from '../ports/rescans';
import type { Rollups } from '../ports/rollups';
import type { Robots } from '../ports/robots';
import type { Tombstones } from '../ports/tombstones';
import type { ScanFindings } from '../ports/scan-findings';
import type { WormCopies } from '../ports/worm-copies';
import type { WormStore } from '../ports/worm-store';
import type { KeyManagement, KeyRings, Signer } from '../ports/signer';
import type { StorageSamples } from '../ports/storage-samples';
import type { VerifyToken } from './identity/verify-token';
import type { SourceFolders } from './checks/source-folders';

/** All that the API needs of the outside; src/main/api.ts gives the real ones, tests give fakes. */
export interface ApiDependencies {
  readonly ledger: Ledger;
  readonly registry: Registry;
  readonly inventory: Inventory;
  readonly quarantine: Quarantine;
  readonly gatewayState: GatewayState;
  readonly tombstones: Tombstones;
  readonly reclaims: Pick<Reclaims, 'list'>;
  readonly freezes: Freezes;
  readonly gcPlans: GcPlans;
  readonly advisoryCases: AdvisoryCases;
  readonly allowList: AllowList;
  readonly databaseMirrors: DatabaseMirrors;
  readonly drills: Drills;
  readonly exceptions: Exceptions;
  readonly checks: Checks;
  readonly rescans: Rescans;
  readonly advisoryMatches: Pick<AdvisoryMatches, 'hitsWhich' | 'impact' | 'matchedWith'>;
  readonly componentIndex: Pick<ComponentIndex, 'counts'>;
  readonly rollups: Rollups;
  readonly scanFindings: ScanFindings;
  readonly storageSamples: StorageSamples;
  readonly ledgerFigures: LedgerFigures;
  /** Every name by which admission takes our registry; null where PLURA_ADMISSION does not say. */
  readonly registryNames: readonly string[] | null;
  /** What the webhook would find of an image beside the allow-list; what can't be asked is unknown. Never throws. */
  readonly explainEvidence: (image: ImageRef) => Promise<readonly WhyStep[]>;
  readonly freezeCalendar: FreezeCalendar;
  readonly robots: Robots;
  /** Reads alone: the worker writes. */
  readonly worm: Pick<WormStore, 'check' | 'read'>;
  readonly wormCopies: WormCopies;
  readonly signer: Signer;
  readonly kms: KeyManagement;
  /** Public halves with what is on record as revoked: what `signer` verifies with. */
  readonly keys: KeyRings;
  readonly keyRevocations: KeyRevocations;
  readonly orchestrator: Orchestrator;
  readonly catalog: readonly Service[];
  /** Read at each use: bases are imported while the API runs. */
  readonly readBases: ReadBases;
  readonly baseCatalogue: BaseCatalogue;
  readonly policy: Policy;
  readonly policyHash: string;
  /** How often the metrics source of the workers takes a sample. */
  readonly scrapeIntervalMs: number;
  readonly verifyToken: VerifyToken;
  readonly sources: SourceFolders;
  readonly webUi: { readonly url: string; readonly namespace: string };
  readonly now: () => Date;
  readonly logger: FastifyBaseLogger | false;
  /** Requests a minute and caller. */
  readonly rateLimitPerMinute: number;
}
