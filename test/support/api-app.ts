import type { FastifyInstance } from 'fastify';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createRruleCalendar } from '../../src/adapters/calendar/rrule-calendar';
import { createRevocableKeys } from '../../src/adapters/kms/revocable-keys';
import { buildApi } from '../../src/api/app';
import type { ApiDependencies } from '../../src/api/dependencies';
import { createJwtVerifier } from '../../src/api/identity/jwt';
import { ReleaseError } from '../../src/contract/errors';
import type { Role } from '../../src/domain/actor';
import type { Digest } from '../../src/domain/digest';
import type { Channel } from '../../src/domain/reference';
import { CATALOG, fakeDigest, NOW, POLICY } from './api-fixtures';
import { createFakeAdvisoryMatches, type FakeMatches } from './fakes/advisory-matches';
import { createFakeAllowList, type FakeAllowList } from './fakes/allow-list';
import { createFakeComponentIndex, type FakeComponentIndex } from './fakes/component-index';
import { createFakeAdvisoryCases, type FakeAdvisoryCases } from './fakes/advisory-cases';
import { createFakeDatabaseMirrors, type FakeDatabaseMirrors } from './fakes/database-mirrors';
import { createFakeDrills, type FakeDrills } from './fakes/drills';
import { createFakeBaseCatalogue } from './fakes/base-catalogue';
import { createFakeExceptions, type FakeExceptions } from './fakes/exceptions';
import { createFakeChecks, type FakeChecks } from './fakes/checks';
import { createFakeFreezes, type FakeFreezes } from './fakes/freezes';
import { createFakeGatewayState, type FakeGatewayState } from './fakes/gateway-state';
import { createFakeGcPlans, type FakeGcPlans } from './fakes/gc-plans';
import { createFakeInventory, type FakeInventory } from './fakes/inventory';
import { createFakeKeyRevocations } from './fakes/key-revocations';
import { createFakeKeyManagement, type FakeKeyManagement } from './fakes/kms';
import { createFakeLedger, type FakeLedger } from './fakes/ledger';
import { createFakeLedgerFigures, type FakeLedgerFigures } from './fakes/ledger-figures';
import { createFakeOrchestrator, type FakeOrchestrator } from './fakes/orchestrator';
import { createFakeQuarantine, type FakeQuarantine } from './fakes/quarantine';
import { createFakeRegistry, type FakeRegistry } from './fakes/registry';
import { createFakeReclaims } from './fakes/reclaims';
import { createFakeRescans } from './fakes/rescans';
import { createFakeRollups, type FakeRollups } from './fakes/rollups';
import { createFakeTombstones } from './fakes/tombstones';
import { createFakeScanFindings } from './fakes/scan-findings';
import { createFakeRobots, type FakeRobots } from './fakes/robots';
import { createFakeSigner, type FakeSigner } from './fakes/signer';
import { createFakeWormCopies, type FakeWormCopies } from './fakes/worm-copies';
import { createFakeWormStore, type FakeWormStore } from './fakes/worm-store';
import { createFakeStorageSamples, type FakeStorageSamples } from './fakes/storage-samples';

export const ISSUER = 'http://issuer.test';
export const AUDIENCE = 'plura-reg';

export interface TestApi {
  readonly app: FastifyInstance;
  readonly deps: ApiDependencies;
  readonly ledger: FakeLedger;
  readonly registry: FakeRegistry;
  readonly advisoryMatches: FakeMatches;
  readonly componentIndex: FakeComponentIndex;
  readonly inventory: FakeInventory;
  readonly quarantine: FakeQuarantine;
  readonly robots: FakeRobots;
  readonly gatewayState: FakeGatewayState;
  readonly freezes: FakeFreezes;
  readonly gcPlans: FakeGcPlans;
  readonly allowList: FakeAllowList;
  readonly drills: FakeDrills;
  readonly exceptions: FakeExceptions;
  readonly storageSamples: FakeStorageSamples;
  readonly ledgerFigures: FakeLedgerFigures;
  readonly checks: FakeChecks;
  readonly rollups: FakeRollups;
  readonly kms: FakeKeyManagement;
  readonly signer: FakeSigner;
  readonly advisoryCases: FakeAdvisoryCases;
  readonly databaseMirrors: FakeDatabaseMirrors;
  readonly orchestrator: FakeOrchestrator;
  readonly worm: FakeWormStore;
  readonly wormCopies: FakeWormCopies;
  /** Bearer token of a subject with roles; `over` makes it a bad one. */
  token(subject: string, roles: readonly Role[], over?: TokenOverrides): Promise<string>;
  /** Moves a channel as a release would. */
  pin(svc: string, channel: Channel, digest: Digest): Promise<void>;
}

export interface TokenOverrides {
  readonly audience?: string;
  readonly issuer?: string;
  readonly expiresAt?: string;
  readonly foreignKey?: boolean;
}

/** The whole API over fakes, with real JWTs of a throw-away issuer. */
export async function createTestApi(over: Partial<ApiDependencies> = {}): Promise<TestApi> {
  const ledger = createFakeLedger();
  const registry = createFakeRegistry();
  const inventory = createFakeInventory();
  const { contents } = inventory;
  const componentIndex = createFakeComponentIndex({ ledger, contents });
  const advisoryMatches = createFakeAdvisoryMatches({ held: componentIndex.held, ledger });
  const quarantine = createFakeQuarantine(contents);
  const robots = createFakeRobots();
  const gatewayState = createFakeGatewayState({ contents, robots, quarantine });
  const freezes = createFakeFreezes();
  const gcPlans = createFakeGcPlans();
  const services = CATALOG.map(({ svc }) => svc);
  const allowList = createFakeAllowList({
    ledger,
    quarantine,
    contents,
    services,
    nowMs: () => Date.parse(NOW),
  });
  const drills = createFakeDrills();
  const exceptions = createFakeExceptions({ ledger });
  const storageSamples = createFakeStorageSamples({ contents, ledger, services });
  const ledgerFigures = createFakeLedgerFigures({ ledger, inventory, services });
  const advisoryCases = createFakeAdvisoryCases();
  const databaseMirrors = createFakeDatabaseMirrors();
  const checks = createFakeChecks();
  const rollups = createFakeRollups(ledger, services);
  const kms = createFakeKeyManagement();
  const keyRevocations = createFakeKeyRevocations();
  const signer = createFakeSigner();
  const orchestrator = createFakeOrchestrator();
  const worm = createFakeWormStore();
  const wormCopies = createFakeWormCopies();
  const own = await generateKeyPair('ES256');
  const foreign = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(own.publicKey)), alg: 'ES256', kid: 'test' };
  const deps: ApiDependencies = {
    ledger,
    registry,
    inventory,
    quarantine,
    gatewayState,
    freezes,
    gcPlans,
    allowList,
    advisoryCases,
    databaseMirrors,
    drills,
    exceptions,
    storageSamples,
    ledgerFigures,
    checks,
    rollups,
    registryNames: ['registry.example:5000', 'registry.alias'],
    // Nothing was looked at; a test of evidence gives a real one.
    explainEvidence: () => Promise.resolve([]),
    tombstones: createFakeTombstones(),
    reclaims: createFakeReclaims(),
    rescans: createFakeRescans({ ledger, allowList, services }),
    componentIndex,
    advisoryMatches,
    scanFindings: createFakeScanFindings({ ledger, contents, services }),
    freezeCalendar: createRruleCalendar(),
    robots,
    worm,
    wormCopies,
    signer,
    kms,
    keys: createRevocableKeys({ keys: kms, revoked: () => keyRevocations.list(), maxAgeMs: 0 }),
    keyRevocations,
    orchestrator,
    catalog: CATALOG,
    baseCatalogue: createFakeBaseCatalogue({ ledger }),
    readBases: () =>
      Promise.resolve({
        'bases/static': { repository: 'bases/static', digest: fakeDigest('static') },
      }),
    policy: POLICY,
    policyHash: 'sha256:policy',
    scrapeIntervalMs: 1_000,
    verifyToken: createJwtVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: createLocalJWKSet({ keys: [jwk] }),
      now: () => new Date(NOW),
    }),
    sources: {
      inspect: (path) =>
        path === 'checkout'
          ? Promise.resolve({ path, dockerfile: 'FROM scratch AS a\nFROM scratch\nUSER 65532\n' })
          : Promise.reject(
              new ReleaseError('SOURCE_NOT_FOUND', 'no such folder', {
                details: { field: 'source.path', remedy: 'give one that is there' },
              }),
            ),
    },
    webUi: { url: 'http://temporal.test', namespace: 'default' },
    now: () => new Date(NOW),
    logger: false,
    rateLimitPerMinute: 10_000,
    ...over,
  };
  const app = await buildApi(deps);
  let moves = 0;
  return {
    app,
    deps,
    ledger,
    registry,
    advisoryMatches,
    componentIndex,
    inventory,
    quarantine,
    robots,
    gatewayState,
    freezes,
    gcPlans,
    allowList,
    drills,
    exceptions,
    storageSamples,
    ledgerFigures,
    advisoryCases,
    databaseMirrors,
    checks,
    rollups,
    kms,
    signer,
    orchestrator,
    worm,
    wormCopies,
    token: (subject, roles, { audience, issuer, expiresAt, foreignKey } = {}) =>
      new SignJWT({ roles: [...roles] })
        .setProtectedHeader({ alg: 'ES256', kid: 'test' })
        .setSubject(subject)
        .setIssuer(issuer ?? ISSUER)
        .setAudience(audience ?? AUDIENCE)
        .setExpirationTime(new Date(expiresAt ?? '2026-03-01T13:00:00Z'))
        .sign(foreignKey ? foreign.privateKey : own.privateKey),
    pin: async (svc, channel, digest) => {
      moves += 1;
      const expected = (await ledger.getChannel(svc, channel))?.digest ?? null;
      const epoch = await ledger.bumpEpoch(svc, `test ${moves}`);
      const move = {
        svc,
        channel,
        expected,
        next: digest,
        epoch,
        actor: 'test',
        reason: 'arranged',
        idempotencyKey: `move ${moves}`,
      };
      await ledger.beginMove(move);
      await ledger.completeMove(move, NOW);
    },
  };
}
