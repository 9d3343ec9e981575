import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { signatureStatement } from '../../activities/bundles';
import { createImageVerifier } from '../../src/admission/verify/image-verifier';
import { DEFAULT_VERIFY_SETTINGS } from '../../src/domain/admission/settings';
import { pinsOf } from '../../src/domain/bases/pins';
import type { Digest } from '../../src/domain/digest';
import type { Policy } from '../../src/domain/policy';
import type { Service } from '../../src/domain/service';
import { BUNDLE_ARTIFACT_TYPE, KEY_IDS } from '../../src/ports/signer';
import { testPolicy } from './builders';
import { createFakeAdvisoryCases, type FakeAdvisoryCases } from './fakes/advisory-cases';
import { createFakeAdvisoryDatabase, type FakeAdvisoryDatabase } from './fakes/advisory-database';
import { createFakeAdvisoryMatches, type FakeMatches } from './fakes/advisory-matches';
import { createFakeAllowList, type FakeAllowList } from './fakes/allow-list';
import { createFakeBaseCatalogue } from './fakes/base-catalogue';
import { createFakeBaseImports, type FakeBaseImports } from './fakes/base-imports';
import { createFakeBaseVendors, type FakeBaseVendors } from './fakes/base-vendors';
import { createFakeBuilder, FAKE_BUILDER_ID, type FakeBuilder } from './fakes/builder';
import { createFakeChecks, type FakeChecks } from './fakes/checks';
import { createFakeCaseRuns, type FakeCaseRuns } from './fakes/advisory-case-runs';
import { createFakeComponentIndex, type FakeComponentIndex } from './fakes/component-index';
import { createFakeDatabaseMirrors, type FakeDatabaseMirrors } from './fakes/database-mirrors';
import { NO_RISK } from '../../src/domain/scan/risk';
import { createFakeExceptions, type FakeExceptions } from './fakes/exceptions';
import { createFakeDrills, type FakeDrills } from './fakes/drills';
import { createFakeEmergencyRollups, type FakeEmergencyRollups } from './fakes/emergency-rollups';
import { createFakeFreezeCalendar } from './fakes/freeze-calendar';
import { createFakeFreezes, type FakeFreezes } from './fakes/freezes';
import { createFakeGatewayState } from './fakes/gateway-state';
import { createFakeGcItemFacts } from './fakes/gc-item-facts';
import { createFakeGcPlanner, type FakeGcPlanner } from './fakes/gc-planner';
import { createFakeGcPlans, type FakeGcPlans } from './fakes/gc-plans';
import { createFakeInventory, type FakeInventory } from './fakes/inventory';
import { createFakeKeyManagement, type FakeKeyManagement } from './fakes/kms';
import { createFakeLanes, type FakeLanes } from './fakes/lanes';
import { createFakeLeases, type FakeLeases } from './fakes/leases';
import { createFakeLedger, type FakeLedger } from './fakes/ledger';
import {
  createFakeMetricsSource,
  type FakeMetricsSource,
  type MetricsScript,
  type SeriesScript,
} from './fakes/metrics-source';
import { createFakeNotifier, type FakeNotifier } from './fakes/notifier';
import { createFakeOrchestrator } from './fakes/orchestrator';
import { createFakeQuarantine, type FakeQuarantine } from './fakes/quarantine';
import { createFakeReclaimer } from './fakes/reclaimer';
import { createFakeReclaims } from './fakes/reclaims';
import { createFakeRegistry, type FakeRegistry } from './fakes/registry';
import { createFakeRegistryCatalog, type FakeRegistryCatalog } from './fakes/registry-catalog';
import { createFakeRegistryContent, type FakeRegistryContent } from './fakes/registry-content';
import { createFakeOldRecords, type FakeOldRecords } from './fakes/old-records';
import { createFakeRebuildLanes, type FakeRebuildLanes } from './fakes/rebuild-lanes';
import { createFakeRescans, type FakeRescans } from './fakes/rescans';
import { createFakeRollout, type FakeRollout } from './fakes/rollout';
import { createFakeScanDatabases, type FakeScanDatabases } from './fakes/scan-databases';
import { createFakeRollups, type FakeRollups } from './fakes/rollups';
import { createFakeScanner, type FakeScanner, type FakeScannerOptions } from './fakes/scanner';
import { createFakeScenarioRunner, type FakeScenarioRunner } from './fakes/scenarios';
import { createFakeSigner, type FakeSigner } from './fakes/signer';
import { createFakeStorageSamples, type FakeStorageSamples } from './fakes/storage-samples';
import { createFakeTombstones } from './fakes/tombstones';
import { createFakeUploadLeases } from './fakes/upload-leases';
import { createFakeTransparencyLog, type FakeTransparencyLog } from './fakes/transparency-log';
import { createFakeWormCopies, type FakeWormCopies } from './fakes/worm-copies';
import { createFakeWormStore, type FakeWormStore } from './fakes/worm-store';

/** Everything activities touch, in memory. */
export interface FakeDeps extends Deps {
  readonly baseVendors: FakeBaseVendors;
  readonly builder: FakeBuilder;
  readonly registry: FakeRegistry;
  readonly catalog: FakeRegistryCatalog;
  readonly content: FakeRegistryContent;
  readonly inventory: FakeInventory;
  readonly quarantine: FakeQuarantine;
  readonly advisoryCases: FakeAdvisoryCases;
  readonly allowList: FakeAllowList;
  readonly advisoryCaseRuns: FakeCaseRuns;
  readonly advisoryDatabase: FakeAdvisoryDatabase;
  readonly advisoryMatches: FakeMatches;
  readonly componentIndex: FakeComponentIndex;
  readonly databaseMirrors: FakeDatabaseMirrors;
  readonly emergencyRollups: FakeEmergencyRollups;
  readonly scanDatabases: FakeScanDatabases;
  readonly checks: FakeChecks;
  readonly systemLanes: FakeLanes;
  readonly freezes: FakeFreezes;
  readonly gcPlanner: FakeGcPlanner;
  readonly gcPlans: FakeGcPlans;
  readonly rescans: FakeRescans;
  readonly rollups: FakeRollups;
  readonly rebuildLanes: FakeRebuildLanes;
  readonly baseImports: FakeBaseImports;
  readonly storageSamples: FakeStorageSamples;
  readonly oldRecords: FakeOldRecords;
  readonly signer: FakeSigner;
  readonly kms: FakeKeyManagement;
  readonly log: FakeTransparencyLog;
  readonly scanner: FakeScanner;
  readonly rollout: FakeRollout;
  readonly metrics: FakeMetricsSource;
  readonly scenarios: FakeScenarioRunner;
  readonly ledger: FakeLedger;
  readonly leases: FakeLeases;
  readonly drills: FakeDrills;
  readonly exceptions: FakeExceptions;
  readonly notifier: FakeNotifier;
  readonly worm: FakeWormStore;
  readonly wormCopies: FakeWormCopies;
}

export interface FakeDepsOptions {
  readonly metrics?: MetricsScript;
  readonly series?: SeriesScript;
  readonly scanner?: FakeScannerOptions;
  readonly builder?: Parameters<typeof createFakeBuilder>[1];
  readonly dockerfile?: string;
  /** The catalogue, for what checks all of it. */
  readonly services?: readonly Service[];
  /** Of what the system does by itself. */
  readonly policy?: Policy;
}

export const GOOD_DOCKERFILE = `FROM bases/go AS build
COPY . /src
FROM bases/static
COPY --from=build /src/app /app
USER 65532:65532
ENTRYPOINT ["/app"]
`;

/** A base in its mirror, signed by the custodian. */
export async function importBase(
  registry: FakeRegistry,
  signer: FakeSigner,
  repository: string,
  content = repository,
): Promise<{ repository: string; digest: Digest }> {
  const digest = registry.pushImage({ repository, layers: [Buffer.from(content)] });
  const payload = await signer.sign(KEY_IDS.bases, signatureStatement(digest), true);
  await registry.attach({
    subject: { repository, digest },
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload,
    annotations: {},
  });
  return { repository, digest };
}

/** Sources at `shop`, bases imported and signed, everything healthy. */
export async function createFakeDeps(options: FakeDepsOptions = {}): Promise<FakeDeps> {
  const registry = createFakeRegistry();
  const signer = createFakeSigner();
  const inventory = createFakeInventory();
  const ledger = createFakeLedger();
  const gcPlans = createFakeGcPlans();
  const baseCatalogue = createFakeBaseCatalogue({ ledger });
  const seeded = {
    'bases/go': await importBase(registry, signer, 'bases/go'),
    'bases/static': await importBase(registry, signer, 'bases/static'),
  };
  const quarantine = createFakeQuarantine();
  const componentIndex = createFakeComponentIndex({ ledger, contents: inventory.contents });
  const advisoryMatches = createFakeAdvisoryMatches({ held: componentIndex.held, ledger });
  const advisoryDatabase = createFakeAdvisoryDatabase();
  const { services = [], policy = testPolicy() } = options;
  const now = (): Date => new Date();
  const sourceRoot = mkdtempSync(join(tmpdir(), 'plura-sources-'));
  mkdirSync(join(sourceRoot, 'shop'));
  writeFileSync(join(sourceRoot, 'shop', 'Dockerfile'), options.dockerfile ?? GOOD_DOCKERFILE);
  return {
    builder: createFakeBuilder(registry, options.builder),
    builderId: FAKE_BUILDER_ID,
    registryHosts: ['registry.test'],
    registry,
    catalog: createFakeRegistryCatalog(),
    content: createFakeRegistryContent(registry),
    backend: registry,
    retention: registry,
    reclaimer: createFakeReclaimer(),
    reclaims: createFakeReclaims(),
    gatewayState: createFakeGatewayState(),
    uploadLeases: createFakeUploadLeases(inventory.contents),
    gcItemFacts: createFakeGcItemFacts(inventory),
    gcRoots: { read: () => Promise.resolve({ roots: [], reaches: [], missing: [] }) },
    tombstones: createFakeTombstones(),
    verifier: createImageVerifier({
      ...{ registry, signer, ledger, services, policy, now },
      keys: { id: () => Promise.resolve('fake keys') },
      settings: DEFAULT_VERIFY_SETTINGS,
      onBug: (error) => {
        throw error;
      },
    }),
    quarantine,
    advisoryCases: createFakeAdvisoryCases(),
    databaseMirrors: createFakeDatabaseMirrors(),
    databaseSources: [],
    emergencyRollups: createFakeEmergencyRollups(),
    scanDatabases: createFakeScanDatabases(),
    startAdvisoryWatch: () => Promise.resolve(false),
    allowList: createFakeAllowList({
      ...{ ledger, quarantine },
      services: services.map(({ svc }) => svc),
    }),
    advisoryCaseRuns: createFakeCaseRuns(),
    advisoryDatabase,
    openAdvisoryDatabase: () => Promise.resolve(advisoryDatabase),
    advisoryMatches,
    componentIndex,
    checks: createFakeChecks(),
    systemLanes: createFakeLanes(),
    services,
    policy,
    inventory,
    pendingPushes: inventory,
    rescans: createFakeRescans({ ledger, advisoryMatches }),
    rollups: createFakeRollups(
      ledger,
      services.map(({ svc }) => svc),
    ),
    rebuildLanes: createFakeRebuildLanes(),
    baseImports: createFakeBaseImports(),
    storageSamples: createFakeStorageSamples({
      ...{ contents: inventory.contents, ledger, services: services.map(({ svc }) => svc) },
    }),
    oldRecords: createFakeOldRecords(),
    freezes: createFakeFreezes(),
    freezeCalendar: createFakeFreezeCalendar(),
    gcPlanner: createFakeGcPlanner(gcPlans),
    gcPlans,
    signer,
    kms: createFakeKeyManagement(),
    log: createFakeTransparencyLog(),
    scanner: createFakeScanner(options.scanner),
    rollout: createFakeRollout(),
    metrics: createFakeMetricsSource(options.metrics, options.series),
    scrapeIntervalMs: 1_000,
    scenarios: createFakeScenarioRunner(),
    ledger,
    leases: createFakeLeases(),
    drills: createFakeDrills(),
    exceptions: createFakeExceptions({ ledger }),
    riskLists: { lookUp: () => Promise.resolve(NO_RISK) },
    lanes: createFakeOrchestrator(),
    notifier: createFakeNotifier(),
    worm: createFakeWormStore(),
    wormCopies: createFakeWormCopies(),
    readBases: async () => pinsOf(await baseCatalogue.list(), seeded),
    baseCatalogue,
    baseVendors: createFakeBaseVendors(registry),
    verifyVendor: () => Promise.resolve('the word of a fake'),
    custodian: registry,
    sourceRoot,
    readAuthor: () => Promise.resolve(null),
    readCommitTime: () => Promise.resolve(null),
    readRevision: () => Promise.resolve(null),
    compareSource: () => Promise.resolve('same'),
    now,
  };
}
